import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { TemporaryFiles } from './temporary-file.js';

let directory: string;
let files: TemporaryFiles;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'nestjs-sftpd-spec-'));
  files = new TemporaryFiles(directory, 1000);
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('a temporary file', () => {
  it('has no name any more when it is there, so that a killed process leaves nothing', async () => {
    const file = await files.create();
    await file.write(Buffer.from('hello'), 0);
    expect(readdirSync(directory)).toEqual([]);
    await file.close();
  });

  const itWhereDescriptorsShow = process.platform === 'linux' ? it : it.skip;

  itWhereDescriptorsShow('is for its owner alone', async () => {
    const file = await files.create();
    const modes = readdirSync('/proc/self/fd')
      .map((descriptor) => `/proc/self/fd/${descriptor}`)
      .filter((descriptor) => targetOf(descriptor).startsWith(directory))
      .map((descriptor) => statSync(descriptor).mode & 0o777);
    expect(modes).toEqual([0o600]);
    await file.close();
  });

  it('reads what was written, and zeros where nothing was', async () => {
    const file = await files.create();
    await file.write(Buffer.from('ab'), 3);
    await file.resize(8);
    const target = Buffer.alloc(10, '-');
    expect(await file.read(target, 1)).toBe(7);
    expect(target.toString()).toBe('\0\0ab\0\0\0---');
    expect(await file.read(target, 8)).toBe(0);
    expect(await file.read(target, 2 ** 50)).toBe(0);
    await file.close();
  });

  it('does not bring back what was cut off', async () => {
    const file = await files.create();
    await file.write(Buffer.from('abcdef'), 0);
    await file.resize(2);
    await file.write(Buffer.from('z'), 5);
    const target = Buffer.alloc(6);
    await file.read(target, 0);
    expect(target.toString()).toBe('ab\0\0\0z');
    expect(files.used).toBe(3);
    await file.close();
  });

  it('is counted by what is written to it, once, and not by its holes', async () => {
    const file = await files.create();
    await file.write(Buffer.alloc(10), 2 ** 40);
    await file.write(Buffer.alloc(10), 2 ** 40 + 5);
    expect(file.size).toBe(2 ** 40 + 15);
    expect(files.used).toBe(15);
    await file.close();
    await file.close();
    expect(files.used).toBe(0);
  });

  it('is ENOSPC when all together hold what they may, and has room again when one is closed', async () => {
    const [one, two] = [await files.create(), await files.create()];
    await one.write(Buffer.alloc(600), 0);
    await expect(two.write(Buffer.alloc(401), 0)).rejects.toMatchObject({ code: 'ENOSPC' });
    await two.write(Buffer.alloc(400), 0);
    await one.close();
    await two.write(Buffer.alloc(600), 400);
    await two.close();
  });

  it('is EIO, and no word of the path, when the directory is not there', async () => {
    const nowhere = new TemporaryFiles(path.join(directory, 'nowhere'), 1000);
    await expect(nowhere.create()).rejects.toMatchObject({
      code: 'EIO',
      message: 'Input/output error',
    });
  });
});

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch {
    // The listing itself was open while it was made.
    return '';
  }
}
