import type { VfsInfo } from '../../filesystem/file-info.js';
import { MAX_NAME_BYTES, type MemoryTree } from './memory-tree.js';
import type { Space } from './space.js';

const BLOCK_SIZE = 4096;

/**
 * Space and names as a client is told.
 *
 * Without a limit the free space is what the operating system, or the container's limit, has to give to this
 * process at the moment.
 */
export function spaceOf(space: Space, tree: MemoryTree): VfsInfo {
  const limited = Number.isFinite(space.limit);
  const freeBytes = limited ? space.limit - space.used : process.availableMemory();
  const freeBlocks = Math.floor(freeBytes / BLOCK_SIZE);
  return {
    blockSize: BLOCK_SIZE,
    totalBlocks: Math.max(1, Math.ceil((space.used + freeBytes) / BLOCK_SIZE)),
    freeBlocks,
    availableBlocks: freeBlocks,
    totalFiles: tree.maxNames,
    freeFiles: tree.maxNames - tree.nameCount,
    maxNameLength: MAX_NAME_BYTES,
  };
}
