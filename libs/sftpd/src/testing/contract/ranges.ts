import assert from 'node:assert/strict';
import { assertBytes } from './bytes.js';
import type { KnownFiles } from './suite.js';

/** Asserts that every kind of range of a file gives exactly its bytes, in an order that nobody can guess. */
export async function assertRanges(
  content: Buffer,
  read: (offset: number, length: number) => PromiseLike<Uint8Array>,
): Promise<void> {
  const { length } = content;
  const middle = Math.floor(length / 2);
  const ranges: [offset: number, length: number][] = [
    [middle, Math.max(1, length - middle - 1)],
    [0, 1],
    [0, length],
    [length - 1, 1],
    [middle, 1],
    [1, Math.max(1, length - 2)],
    [0, length + 1],
    [middle, length + 100],
    [length - 1, 100],
    [length, 1],
    [length + 1, 100],
    [2 ** 40, 100],
  ];
  for (const [offset, wanted] of ranges) {
    const expected = content.subarray(offset, offset + wanted);
    const found = await read(offset, wanted);
    assert.ok(found instanceof Uint8Array, 'bytes are given');
    assertBytes(found, expected, `${wanted} bytes at ${offset}`);
  }
}

interface KnownFile {
  readonly path: string;
  readonly content: Buffer;
}

/** The file with the most to read. */
export function longestOf(files: KnownFiles): KnownFile {
  let longest: KnownFile = { path: '', content: Buffer.alloc(0) };
  for (const [path, content] of files) {
    if (content.length > longest.content.length) longest = { path, content };
  }
  return longest;
}
