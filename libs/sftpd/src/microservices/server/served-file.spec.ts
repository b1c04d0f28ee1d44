import { describe, expect, it } from '@jest/globals';

import type { OpenFile } from '../../filesystem/open-file.js';
import { ROOT_PATH } from '../../filesystem/path.js';
import { ServedFile } from './served-file.js';

/** A file whose calls end when the test says so. */
class SlowFile implements OpenFile {
  readonly begun: string[] = [];
  readonly #finish = new Map<string, () => void>();

  readonly read = (_target: Uint8Array, offset: number) =>
    this.#call(`read ${offset}`).then(() => 0);
  readonly write = (_data: Uint8Array, offset: number) => this.#call(`write ${offset}`);
  readonly stat = () => this.#call('stat').then(() => ({ type: 'regular', size: 0 }) as const);
  readonly close = () => this.#call('close');
  readonly abort = () => this.#call('abort');

  async finish(call: string): Promise<void> {
    this.#finish.get(call)?.();
    await settle();
  }

  #call(call: string): Promise<void> {
    this.begun.push(call);
    return new Promise((resolve) => this.#finish.set(call, resolve));
  }
}

const DATA = Buffer.from('data');

/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ServedFile', () => {
  it('lets reads overlap, and makes one change after the other', async () => {
    const slow = new SlowFile();
    const file = new ServedFile(ROOT_PATH, slow);
    const calls = [file.read(0, 1), file.read(1, 1), file.write(DATA, 0), file.write(DATA, 4)];
    await settle();
    expect(slow.begun).toEqual(['read 0', 'read 1', 'write 0']);
    await slow.finish('write 0');
    expect(slow.begun).toContain('write 4');
    for (const call of ['read 0', 'read 1', 'write 4']) await slow.finish(call);
    await Promise.all(calls);
  });

  it.each(['close', 'abort'] as const)(
    '%s waits for the calls under way, and comes once',
    async (how) => {
      const slow = new SlowFile();
      const file = new ServedFile(ROOT_PATH, slow);
      const write = file.write(DATA, 0);
      const queued = file.write(DATA, 4);
      const end = file[how]();
      await settle();
      expect(slow.begun).toEqual(['write 0']);
      await expect(file.write(DATA, 8)).rejects.toMatchObject({ code: 'EBADF' });
      await expect(file.close()).rejects.toMatchObject({ code: 'EBADF' });
      await expect(file.abandon()).rejects.toMatchObject({ code: 'EBADF' });
      await slow.finish('write 0');
      await slow.finish('write 4');
      await Promise.all([write, queued]);
      await settle();
      await slow.finish(how);
      await end;
      expect(slow.begun).toEqual(['write 0', 'write 4', how]);
    },
  );

  it('goes on after a change that has failed', async () => {
    const slow = new SlowFile();
    const file = new ServedFile(ROOT_PATH, slow);
    await expect(file.sync()).rejects.toMatchObject({ code: 'ENOTSUP' });
    await expect(file.setAttributes({ mode: 0 })).rejects.toMatchObject({ code: 'ENOTSUP' });
    const write = file.write(DATA, 0);
    await settle();
    await slow.finish('write 0');
    await write;
  });

  it.each([5, -1, 0.5, NaN, undefined as never])(
    'believes no backend that has read %p of 4 bytes',
    async (count) => {
      const file = new ServedFile(ROOT_PATH, Object.assign(new SlowFile(), { read: () => count }));
      await expect(file.read(0, 4)).rejects.toThrow(TypeError);
    },
  );
});
