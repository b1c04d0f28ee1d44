import type { Stats } from 'node:fs';

import type { FileInfo, FileType } from '../../filesystem/file-info.js';

import type { NameTable } from './owner-names.js';

/** What the contract tells of a file, from what the file system tells. */
export function fileInfoOfStats(stats: Stats, names: NameTable): FileInfo {
  const owner = names.users.get(stats.uid);
  const group = names.groups.get(stats.gid);
  return {
    type: fileTypeOfStats(stats),
    size: stats.size,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    links: stats.nlink,
    accessedAt: stats.atime,
    modifiedAt: stats.mtime,
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
  };
}

/** The contract's word for the type of a file. */
export function fileTypeOfStats(stats: Stats): FileType {
  if (stats.isFile()) return 'regular';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  return stats.isBlockDevice() ? 'block-device' : 'character-device';
}
