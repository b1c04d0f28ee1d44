import { describe, expect, it } from '@jest/globals';

import { ALL_LEVELS, BACKEND_CALLS } from './support/backend-calls.js';
import { FAILURES } from './support/backend-failures.js';
import {
  expectInTime,
  expectNoSecrets,
  expectNoUnhandledRejection,
  linesOf,
  useMisbehavingServer,
} from './support/misbehaving-server.js';

describe.each(ALL_LEVELS)('a %s backend', (level) => {
  const server = useMisbehavingServer(level);
  expectNoUnhandledRejection();

  const calls = BACKEND_CALLS.filter(({ levels }) => levels.includes(level));
  const table = calls.flatMap((call) => FAILURES.map((failure) => ({ call, failure })));

  it.each(table)(
    '$call.point at $call.type: $failure.title',
    async ({ call: { point, type, request, message }, failure }) => {
      const { sftp, dir } = await server.fresh();
      const answer = await server.ask(sftp, await request(sftp, dir), point, failure.behave);

      expect(answer.reply).toMatchObject({
        kind: 'STATUS',
        status: failure.status,
        message: expect.stringMatching(message ?? failure.message),
      });
      expectInTime(answer, failure.outlasts);
      const said = linesOf(answer.log, failure.level);
      expect(said).toContain(type);
      expect(said).toMatch(failure.logged);
      expectNoSecrets(answer);
      await server.proveServed(sftp, dir);
    },
  );
});
