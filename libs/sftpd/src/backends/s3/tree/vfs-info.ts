import type { VfsInfo } from '../../../filesystem/file-info.js';
import { MAX_NAME_BYTES } from '../key-space.js';

const BLOCK_SIZE = 4096;
const PEBIBYTE = 2 ** 50;
const BLOCKS = PEBIBYTE / BLOCK_SIZE;
const FILES = 2 ** 40;

/** What a client is told of a store that has no size: always a pebibyte free, so that nobody stops for want of space. */
export const VFS_INFO: VfsInfo = {
  blockSize: BLOCK_SIZE,
  totalBlocks: BLOCKS,
  freeBlocks: BLOCKS,
  availableBlocks: BLOCKS,
  totalFiles: FILES,
  freeFiles: FILES,
  maxNameLength: MAX_NAME_BYTES,
};
