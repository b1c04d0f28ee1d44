import type { FileInfo } from '../../filesystem/file-info.js';
import { ChunkedContent } from './chunked-content.js';
import type { Ownership } from './memory-options.js';
import type { Space } from './space.js';

/** What every inode has. */
interface Inode {
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Milliseconds since 1970. */
  accessedAt: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** How many directory entries name it. */
  names: number;
}

/** A regular file. */
export interface FileNode extends Inode {
  readonly type: 'regular';
  readonly content: ChunkedContent;
  /** How many handles hold it; its content lives as long as there is a handle or a name. */
  handles: number;
}

/** A directory. */
export interface DirectoryNode extends Inode {
  readonly type: 'directory';
  readonly entries: Map<string, MemoryNode>;
  /** The directory that holds it; none for the root. */
  parent: DirectoryNode | undefined;
}

/** A symbolic link. */
export interface LinkNode extends Inode {
  readonly type: 'symlink';
  readonly target: string;
}

/** Anything that a directory entry can name. */
export type MemoryNode = FileNode | DirectoryNode | LinkNode;

/** A new, empty file that has no name yet. */
export function newFile(
  ownership: Ownership,
  mode: number | undefined,
  content: Space | ChunkedContent,
): FileNode {
  return {
    ...newInode(ownership, mode ?? 0o644),
    type: 'regular',
    content: content instanceof ChunkedContent ? content : new ChunkedContent(content),
    handles: 0,
  };
}

/**
 * A new, empty directory that has no name yet.
 *
 * @param parent the directory that will hold it; left out for a root
 */
export function newDirectory(ownership: Ownership, parent?: DirectoryNode): DirectoryNode {
  return {
    ...newInode(ownership, 0o755),
    type: 'directory',
    entries: new Map(),
    parent,
  };
}

/** A new symbolic link that has no name yet. */
export function newLink(ownership: Ownership, target: string): LinkNode {
  return { ...newInode(ownership, 0o777), type: 'symlink', target };
}

/** Marks a change of what a file or directory holds. */
export function touch(node: MemoryNode): void {
  node.modifiedAt = Date.now();
}

/** What a client is told of an inode. */
export function infoOf(node: MemoryNode, ownership: Ownership): FileInfo {
  const { owner, group } = ownership;
  return {
    type: node.type,
    size: sizeOf(node),
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    ...(owner !== undefined && node.uid === ownership.uid ? { owner } : {}),
    ...(group !== undefined && node.gid === ownership.gid ? { group } : {}),
    // 1 for a directory says "not counted": 2 would tell tools like find that it has no subdirectories.
    links: node.type === 'directory' ? 1 : node.names,
    accessedAt: new Date(node.accessedAt),
    modifiedAt: new Date(node.modifiedAt),
  };
}

function sizeOf(node: MemoryNode): number {
  switch (node.type) {
    case 'regular':
      return node.content.size;
    case 'symlink':
      return Buffer.byteLength(node.target);
    case 'directory':
      return 0;
  }
}

function newInode({ uid, gid }: Ownership, mode: number): Inode {
  const now = Date.now();
  return { mode: mode & 0o7777, uid, gid, accessedAt: now, modifiedAt: now, names: 0 };
}
