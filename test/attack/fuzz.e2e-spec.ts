import { describe, expect, it } from '@jest/globals';

import { FUZZ_LEVELS } from '../support/attack/fuzz-levels.js';
import type { RawSsh } from '../support/attack/raw-ssh.js';
import { globalRequest, MSG } from '../support/attack/ssh-messages.js';
import { useServerUnderAttack } from '../support/attack/under-attack.js';
import { random } from '../support/raw-random.js';

/** Another run: `FUZZ_SEED=1 FUZZ_CASES=5000`; one case of it again: `FUZZ_SEED=1 FUZZ_CASE=1234`. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_124);
const CASES = Number(process.env['FUZZ_CASES'] ?? 60);
const ONLY = process.env['FUZZ_CASE'];

const cases = ONLY === undefined ? Array.from({ length: CASES }, (_, n) => n) : [Number(ONLY)];

/** Waits until the server has taken in all that was said, or has had enough. */
async function takenIn(client: RawSsh): Promise<void> {
  await client.send(globalRequest('are you there', true));
  const answered = (async () => {
    while ((await client.next())[0] !== MSG.REQUEST_FAILURE);
  })().catch(() => undefined);
  // a key exchange that was begun by chance is never ended, and then nothing is answered
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, 300)));
  await Promise.race([answered, patience]);
  clearTimeout(timer);
}

describe.each(Object.entries(FUZZ_LEVELS))(
  'what is said at the level of %s, changed at random',
  (level, fuzz) => {
    const attacked = useServerUnderAttack({
      options: { lockout: false, maxSessionsPerAddress: 1000, loginTimeout: 5_000 },
    });

    it(
      `leaves the server and its other clients unharmed (seed ${SEED}, ${cases.length} cases)`,
      async () => {
        await attacked.survives(
          async () => {
            for (const n of cases) {
              const rng = random(SEED + 7919 * n);
              const client = await fuzz(attacked.port, rng).catch(() => undefined);
              if (client && !client.ended) await takenIn(client);
              await client?.drop();
              if (!attacked.unharmed) {
                throw new Error(`Replay: FUZZ_SEED=${SEED} FUZZ_CASE=${n} (level ${level})`);
              }
            }
          },
          // the names of algorithms and the texts of ssh2's errors, which tests in log-in and floods show
          { lines: 20 * cases.length },
        );
        expect(attacked.server.output).not.toMatch(/ERROR \[SftpServer\].*internal error/);
      },
      60_000 + cases.length * 1_000,
    );
  },
);
