import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { SftpError } from '../../filesystem/sftp-error.js';
import { type Leased, LeaseTable } from './lease-table.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

class Thing implements Leased {
  abandoned = 0;
  failure: Error | undefined;

  async abandon(): Promise<void> {
    this.abandoned++;
    if (this.failure) throw this.failure;
  }
}

function makeTable(maxHandles = 10) {
  const ended: unknown[] = [];
  const table = new LeaseTable<Thing>({ maxHandles, leaseTime: 60_000 }, (_thing, failure) =>
    ended.push(failure),
  );
  return { table, ended };
}

describe('LeaseTable', () => {
  it('abandons what nobody has renewed for a lease, once', async () => {
    const { table, ended } = makeTable();
    const { handle, leased } = await table.admit(() => new Thing());
    await jest.advanceTimersByTimeAsync(59_999);
    expect(leased.abandoned).toBe(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(leased.abandoned).toBe(1);
    expect(ended).toEqual([undefined]);
    expect(table.size).toBe(0);
    expect(() => table.get(handle)).toThrow(SftpError);
    expect(table.take(handle)).toBeUndefined();
    await table.stop();
    expect(leased.abandoned).toBe(1);
  });

  it('starts a new lease when a handle is used or renewed', async () => {
    const { table } = makeTable();
    const { handle, leased } = await table.admit(() => new Thing());
    await jest.advanceTimersByTimeAsync(50_000);
    expect(table.get(handle)).toBe(leased);
    await jest.advanceTimersByTimeAsync(50_000);
    table.renew(handle);
    await jest.advanceTimersByTimeAsync(50_000);
    expect(leased.abandoned).toBe(0);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(leased.abandoned).toBe(1);
  });

  it('does not abandon what was taken out, and leaves no timer', async () => {
    const { table } = makeTable();
    const { handle, leased } = await table.admit(() => new Thing());
    expect(table.take(handle)).toBe(leased);
    expect(jest.getTimerCount()).toBe(0);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(leased.abandoned).toBe(0);
  });

  it('says EIO for a handle of another process, and that it is one', async () => {
    const [before, after] = [makeTable().table, makeTable().table];
    const { handle } = await before.admit(() => new Thing());
    await after.admit(() => new Thing());
    expect(() => after.get(handle)).toThrow(
      expect.objectContaining({
        code: 'EIO',
        cause: expect.objectContaining({ message: expect.stringContaining('before a restart') }),
      }),
    );
  });

  it('gives handles that do not follow one another', async () => {
    const { table } = makeTable();
    const [one, two] = await Promise.all([
      table.admit(() => new Thing()),
      table.admit(() => new Thing()),
    ]);
    const [instance, own] = one.handle.split('.');
    expect(own).toMatch(/^[0-9a-f-]{36}$/);
    expect(two.handle.startsWith(`${instance}.`)).toBe(true);
    expect(two.handle).not.toBe(one.handle);
  });

  it('is EMFILE beyond its limit, also for what is still being opened', async () => {
    const { table } = makeTable(2);
    let finish: (thing: Thing) => void = () => undefined;
    const opening = table.admit(() => new Promise<Thing>((resolve) => (finish = resolve)));
    const { handle } = await table.admit(() => new Thing());
    await expect(table.admit(() => new Thing())).rejects.toMatchObject({ code: 'EMFILE' });
    finish(new Thing());
    await opening;
    await expect(table.admit(() => new Thing())).rejects.toMatchObject({ code: 'EMFILE' });
    table.take(handle);
    await table.admit(() => new Thing());
  });

  it('has room again after a failed open', async () => {
    const { table } = makeTable(1);
    const failing = table.admit(() => Promise.reject(new SftpError('ENOENT')));
    await expect(failing).rejects.toMatchObject({ code: 'ENOENT' });
    await table.admit(() => new Thing());
  });

  it('abandons all when it is stopped, whatever goes wrong with some, and admits nothing any more', async () => {
    const { table, ended } = makeTable();
    const failure = new Error('The disk is gone');
    const { leased: one } = await table.admit(() => Object.assign(new Thing(), { failure }));
    const { leased: two } = await table.admit(() => new Thing());
    await table.stop();
    expect([one.abandoned, two.abandoned]).toEqual([1, 1]);
    expect(ended).toEqual(expect.arrayContaining([failure, undefined]));
    expect(jest.getTimerCount()).toBe(0);
    await expect(table.admit(() => new Thing())).rejects.toMatchObject({ code: 'EIO' });
  });

  it('abandons what was still being opened when it was stopped', async () => {
    const { table } = makeTable();
    const late = new Thing();
    let finish: (thing: Thing) => void = () => undefined;
    const opening = table.admit(() => new Promise<Thing>((resolve) => (finish = resolve)));
    await table.stop();
    finish(late);
    await expect(opening).rejects.toMatchObject({ code: 'EIO' });
    expect(late.abandoned).toBe(1);
  });
});
