import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeDurably } from './durable-file.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'durable-file-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('a file that is written durably', () => {
  it('is there whole, and nothing beside it', async () => {
    const file = path.join(directory, 'note.json');
    await writeDurably(file, 'old');
    await writeDurably(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(directory)).toEqual(['note.json']);
  });

  it('leaves nothing behind when it cannot be written: a full disk would fill up with what is not whole', async () => {
    const file = path.join(directory, 'note.json');
    await mkdir(path.join(file, 'taken'), { recursive: true });
    await expect(writeDurably(file, 'new')).rejects.toThrow();
    expect(await readdir(directory)).toEqual(['note.json']);
  });
});
