import { Readable } from 'node:stream';

import { SftpError } from '../../../filesystem/sftp-error.js';
import type { ByteRange } from './even-ranges.js';

/** What is in memory at a time of what is streamed, in bytes. */
const BLOCK_BYTES = 256 * 1024;

/** Something that is read at random. */
export interface ReadableContent {
  /** Fills `target` from `offset`; the number of bytes read, less than its length only at the end. */
  read(target: Uint8Array, offset: number): Promise<number>;
}

/** A range of a content as a stream, which breaks when the content is shorter than that. */
export function contentStream(content: ReadableContent, range: ByteRange): Readable {
  return Readable.from(blocksOf(content, range), {
    objectMode: false,
    highWaterMark: BLOCK_BYTES,
  });
}

async function* blocksOf(
  content: ReadableContent,
  { start, end }: ByteRange,
): AsyncGenerator<Buffer, void, undefined> {
  for (let offset = start; offset < end;) {
    // A new one each time: who reads the stream may still be sending the one before.
    const block = Buffer.allocUnsafe(Math.min(end - offset, BLOCK_BYTES));
    const count = await content.read(block, offset);
    if (count === 0) throw new SftpError('EIO');
    yield block.subarray(0, count);
    offset += count;
  }
}
