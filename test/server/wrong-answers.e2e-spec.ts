import { describe, expect, it } from '@jest/globals';

import { close, open, opendir, readdir, write } from '../support/raw-requests.js';
import { outcomeOf } from '../support/raw-sftp-client.js';
import { FXF } from '../support/raw-wire.js';
import { ALL_LEVELS } from './support/backend-calls.js';
import {
  expectInTime,
  expectNoSecrets,
  expectNoUnhandledRejection,
  LIMIT_MS,
  linesOf,
  useMisbehavingServer,
} from './support/misbehaving-server.js';
import { wrongAnswers } from './support/wrong-answers.js';

describe.each(ALL_LEVELS)('a %s backend that answers wrongly', (level) => {
  const server = useMisbehavingServer(level);
  expectNoUnhandledRejection();

  it.each(wrongAnswers(level))(
    '$call.point at $call.type: $title',
    async ({ call: { point, type, request }, value, outcome }) => {
      const { sftp, dir } = await server.fresh();
      const answer = await server.ask(sftp, await request(sftp, dir), point, () =>
        Promise.resolve(value),
      );

      expect(outcomeOf(answer.reply)).toBe(outcome);
      expectInTime(answer);
      expectNoSecrets(answer);
      const said = linesOf(answer.log, 'error');
      if (outcome === 'FAILURE') {
        expect(answer.reply).toMatchObject({ message: 'Input/output error' });
        expect(said).toContain(`The backend failed to serve ${type}`);
        expect(said).toMatch(/Error: .*\n +at /);
      } else {
        expect(said).toBe('');
      }
      await server.proveServed(sftp, dir);
    },
  );

  it('a size that does not fit is shown as the nearest that does', async () => {
    const { sftp, dir } = await server.fresh();
    for (const [size, shown] of [
      [NaN, 0n],
      [-1, 0n],
      [2 ** 60, BigInt(Number.MAX_SAFE_INTEGER)],
    ] as const) {
      const listed = await sftp.handle(opendir(dir));
      const entry = { name: 'x', info: { type: 'regular', size } };
      const { reply } = await server.ask(sftp, readdir(listed), 'entries.next', once(entry));
      const names = reply.kind === 'NAME' ? reply.names : [];
      expect(names.find(({ filename }) => filename === 'x')?.attrs.size).toBe(shown);
    }
  });

  it.each(['a/b', '../up', '', 'nul\0'])('the name %j is left out of a listing', async (name) => {
    const { sftp, dir } = await server.fresh();
    const listed = await sftp.handle(opendir(dir));
    const entry = { name, info: { type: 'regular', size: 1 } };
    const { reply, log } = await server.ask(sftp, readdir(listed), 'entries.next', once(entry));
    const names = reply.kind === 'NAME' ? reply.names : [];
    expect(names.map(({ filename }) => filename)).toEqual(['.', '..']);
    expect(linesOf(log, 'warn')).toContain(JSON.stringify(name));
    await server.proveServed(sftp, dir);
  });

  it('a listing that has failed never ends as if it were whole', async () => {
    const { sftp, dir } = await server.fresh();
    const listed = await sftp.handle(opendir(dir));
    const fail = (): never => {
      throw new Error('the bucket is gone');
    };
    const { reply } = await server.ask(sftp, readdir(listed), 'entries.next', fail);
    expect(outcomeOf(reply)).toBe('FAILURE');
    expect(await sftp.status(readdir(listed))).toBe('FAILURE');
    expect(await sftp.status(readdir(listed))).toBe('FAILURE');
    await sftp.ok(close(listed));
    await server.proveServed(sftp, dir);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no return');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no return'))],
    ['never settles', () => new Promise(() => undefined)],
    ['is no promise', () => 5],
  ])('the end of a listing that %s is no matter of the client', async (_title, behave) => {
    const { sftp, dir } = await server.fresh();
    const listed = await sftp.handle(opendir(dir));
    const answer = await server.ask(sftp, close(listed), 'entries.return', behave);
    expect(outcomeOf(answer.reply)).toBe('OK');
    expectInTime(answer);
    await server.proveServed(sftp, dir);
  });

  it('a call that settles just within its time is no failure', async () => {
    const { sftp, dir } = await server.fresh();
    const listed = await sftp.handle(opendir(dir));
    const slowly = (): Promise<unknown> =>
      new Promise((resolve) => {
        setTimeout(() => {
          resolve({ done: true, value: undefined });
        }, LIMIT_MS / 3);
      });
    const answer = await server.ask(sftp, readdir(listed), 'entries.next', slowly);
    expect(outcomeOf(answer.reply)).toBe('NAME');
    expect(answer.log.filter((line) => line.level !== 'debug')).toEqual([]);
  });

  it('a spoilt upload is not stored', async () => {
    const { sftp, dir } = await server.fresh();
    const handle = await sftp.handle(open(`${dir}/new`, FXF.WRITE | FXF.CREAT | FXF.EXCL));
    await sftp.ok(write(handle, 0, 'new content'));
    const point =
      level === 'whole-file-only'
        ? 'writeFile'
        : level === 'streaming-only'
          ? 'writer.finish'
          : 'file.close';
    const { reply } = await server.ask(sftp, close(handle), point, () => {
      throw new Error('full');
    });
    expect(outcomeOf(reply)).toBe('FAILURE');
    if (level !== 'random-access') expect(await server.probe.names(dir)).not.toContain('new');
    await server.proveServed(sftp, dir);
  });
});

/** An iterator's steps: one entry, then the end. */
function once(entry: unknown): () => Promise<unknown> {
  let left = [entry];
  return () => {
    const [value] = left;
    const step = left.length > 0 ? { done: false, value } : { done: true, value: undefined };
    left = [];
    return Promise.resolve(step);
  };
}
