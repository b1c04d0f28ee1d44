import { describe, expect, it } from '@jest/globals';

import { requestService } from '../support/attack/raw-session.js';
import { RawSsh } from '../support/attack/raw-ssh.js';
import { kexinit, passwordRequest } from '../support/attack/ssh-messages.js';
import { useServerUnderAttack } from '../support/attack/under-attack.js';
import { connectAs } from '../support/attack/honest-client.js';

/** Where somebody who wants to log in may stop. */
const STAGES: readonly (readonly [string, (client: RawSsh) => Promise<void>])[] = [
  ['TCP', () => Promise.resolve()],
  ['half an identification', (client) => client.write(Buffer.from('SSH-2.0-half'))],
  ['the identification', (client) => client.identify()],
  [
    'KEXINIT',
    async (client) => {
      await client.identify();
      await client.send(kexinit());
    },
  ],
  [
    'the key exchange',
    async (client) => {
      await client.identify();
      await client.exchangeKeys();
    },
  ],
  [
    'the first wrong password',
    async (client) => {
      await client.identify();
      await client.exchangeKeys();
      await requestService(client);
      await client.send(passwordRequest('dev', 'wrong'));
    },
  ],
];

const EACH = 40;

describe('half-open log-ins', () => {
  const attacked = useServerUnderAttack({
    options: {
      loginTimeout: 5_000,
      maxSessionsPerAddress: 1000,
      maxPendingLogins: 1000,
      lockout: false,
    },
  });

  it(`${STAGES.length * EACH} of them, at all stages: others log in meanwhile, and all are cut in time`, async () => {
    let arrived = 0;
    const lines = await attacked.survives(
      async () => {
        const dialed = STAGES.map(async ([, reach]) => {
          const clients = await Promise.all(
            Array.from({ length: EACH }, () => RawSsh.dial(attacked.port)),
          );
          for (const client of clients) {
            // on a busy machine the last ones may be cut off before they are where they wanted to be
            const reached = await reach(client).then(
              () => 1,
              () => 0,
            );
            arrived += reached;
          }
          return clients;
        });
        const clients = (await Promise.all(dialed)).flat();
        (await connectAs(attacked.port)).end();
        await Promise.all(clients.map((client) => client.cut('a half-open log-in')));
      },
      // one tells of each connection that was cut
      { lines: STAGES.length * EACH + 100, says: /option (login|hello|keyExchange)Timeout/ },
    );
    expect(arrived).toBeGreaterThan((STAGES.length * EACH) / 2);
    expect(lines.filter(({ level }) => level === 'ERROR')).toEqual([]);
  });
});
