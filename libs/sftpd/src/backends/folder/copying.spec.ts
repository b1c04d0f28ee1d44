import { closeSync, openSync, readdirSync, statSync, truncateSync, writeSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { at, descriptorsInto, makeScratch, type Scratch } from './spec-support/scratch.js';

const MIB = 1024 * 1024;

describe('FolderBackend copies of sparse files', () => {
  let scratch: Scratch;

  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.dispose());

  /** A file that is as large as asked for, and holds one byte at its end. */
  function makeSparse(name: string, size: number): void {
    const file = path.join(scratch.root, name);
    closeSync(openSync(file, 'w'));
    truncateSync(file, size - 1);
    const fd = openSync(file, 'r+');
    writeSync(fd, 'x', size - 1);
    closeSync(fd);
  }

  it('keeps holes, the size and what is behind them', async () => {
    makeSparse('holes', 64 * MIB);
    await scratch.backend.copy(at('/holes'), at('/copy'), { overwrite: false });
    const copy = statSync(path.join(scratch.root, 'copy'));
    expect(copy.size).toBe(64 * MIB);
    expect(copy.blocks * 512).toBeLessThan(MIB);
  });

  it('stops when nobody waits any more, and leaves nothing', async () => {
    makeSparse('huge', 1024 * 1024 * MIB);
    const giveUp = new AbortController();
    const outcome = scratch.backend.copy(at('/huge'), at('/copy'), {
      overwrite: false,
      signal: giveUp.signal,
    });
    giveUp.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'EIO' });
    expect(readdirSync(scratch.root)).toEqual(['huge']);
    expect(await descriptorsInto(scratch.root)).toEqual([scratch.root]);
  });
});
