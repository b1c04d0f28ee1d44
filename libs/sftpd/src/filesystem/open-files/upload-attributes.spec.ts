import { beforeEach, describe, expect, it } from '@jest/globals';

import { SftpError } from '../sftp-error.js';
import { type ProbedMethod, ProbeStorage } from './spec-support/probe-storage.js';

const UPLOAD = { write: true, create: true, truncate: true, mode: 0o640 };
const OLD = new Date('2001-09-09T01:46:40Z');
const TIMES = { accessedAt: OLD, modifiedAt: OLD };

let storage: ProbeStorage;

beforeEach(() => {
  storage = new ProbeStorage();
});

describe.each<{ way: string; write: ProbedMethod }>([
  { way: 'streamed', write: 'beginWrite' },
  { way: 'whole', write: 'writeFile' },
])('attributes of an upload, $way', ({ write }) => {
  it('are shown at once and set together when the content is stored', async () => {
    const file = await storage.open([write, 'setAttributes'], '/f', UPLOAD);
    await file.setAttributes?.({ mode: 0o600, ...TIMES });
    await file.setAttributes?.({ uid: 7, gid: 8 });
    await file.write(Buffer.from('x'), 0);
    expect(await file.stat()).toEqual({
      type: 'regular',
      size: 1,
      mode: 0o600,
      uid: 7,
      gid: 8,
      ...TIMES,
    });
    expect(storage.attributes).toEqual([]);
    await file.close();
    expect(storage.calls.at(-1)).toBe('setAttributes');
    expect(storage.attributes).toEqual([{ mode: 0o600, uid: 7, gid: 8, ...TIMES }]);
  });

  it('are refused at once, and none is set, when the storage has none', async () => {
    const file = await storage.open([write], '/f', UPLOAD);
    const refused = { code: 'ENOTSUP' };
    await expect(file.setAttributes?.(TIMES)).rejects.toMatchObject(refused);
    await expect(file.setAttributes?.({ uid: 1, gid: 1 })).rejects.toMatchObject(refused);
    await expect(file.setAttributes?.({ mode: 0o640, ...TIMES })).rejects.toMatchObject(refused);
    expect(await file.stat()).toMatchObject({ mode: 0o640 });
    await file.setAttributes?.({ mode: 0o640 });
    await file.close();
    expect(storage.files.has('/f')).toBe(true);
  });

  it('that could not be set are told by the close, and the content is stored', async () => {
    const file = await storage.open([write, 'setAttributes'], '/f', UPLOAD);
    await file.write(Buffer.from('x'), 0);
    await file.setAttributes?.(TIMES);
    storage.before = (call) => {
      if (call === 'setAttributes') throw new SftpError('EPERM');
    };
    await expect(file.close()).rejects.toMatchObject({
      code: 'EPERM',
      message: expect.stringContaining('is stored'),
    });
    expect(storage.files.get('/f')?.toString()).toBe('x');
    expect(storage.callsOf('abort')).toEqual([]);
  });

  it('are forgotten when it is aborted or not stored', async () => {
    const file = await storage.open([write, 'setAttributes'], '/f', UPLOAD);
    await file.setAttributes?.(TIMES);
    await file.abort();
    expect(storage.attributes).toEqual([]);
  });

  it('are those of the file that is replaced, but for its size and time', async () => {
    storage.files.set('/f', Buffer.from('old'));
    const file = await storage.open([write], '/f', UPLOAD);
    const { modifiedAt, ...info } = await file.stat();
    expect(info).toEqual({ type: 'regular', size: 0, mode: 0o604 });
    expect(modifiedAt).toBeInstanceOf(Date);
    await file.close();
    expect(storage.made).toEqual([{ exclusive: false, mode: 0o604 }]);
  });
});

describe('the mode of a new file', () => {
  it('is what it is made with, also when the storage has no other way', async () => {
    const file = await storage.open(['writeFile'], '/f', UPLOAD);
    await file.setAttributes?.({ mode: 0o600 });
    await file.close();
    expect(storage.made).toEqual([{ exclusive: false, mode: 0o600 }]);
  });

  it('is refused when the storage has been told another one already', async () => {
    const file = await storage.open(['beginWrite'], '/f', UPLOAD);
    await expect(file.setAttributes?.({ mode: 0o600 })).rejects.toMatchObject({ code: 'ENOTSUP' });
    await file.abort();
  });
});

describe('attributes of a file that was not changed', () => {
  it('are set without storing it anew', async () => {
    storage.files.set('/f', Buffer.from('old'));
    const file = await storage.open(['readFile', 'writeFile', 'setAttributes'], '/f', {
      write: true,
    });
    await file.setAttributes?.({ size: 3, mode: 0o600 });
    await file.close();
    expect(storage.calls).toEqual(['setAttributes']);
    expect(storage.attributes).toEqual([{ mode: 0o600 }]);
  });
});
