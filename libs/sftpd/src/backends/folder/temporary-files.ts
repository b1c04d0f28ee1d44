import { randomBytes } from 'node:crypto';
import { lstat, opendir, unlink } from 'node:fs/promises';

import type { DirectoryHandle } from './directory-handle.js';
import type { FolderSettings } from './folder-options.js';

const PREFIX = '.nestjs-sftpd-upload-';

/** Temporary files that this process has open, whichever backend made them; their names are unique. */
const inUse = new Set<string>();

/** A new name for a temporary file, known to be in use until {@link releaseTemporaryName}. */
export function newTemporaryName(): string {
  const name = PREFIX + randomBytes(16).toString('hex');
  inUse.add(name);
  return name;
}

/** Tells that a temporary file is gone, or has got its real name. */
export function releaseTemporaryName(name: string): void {
  inUse.delete(name);
}

/**
 * Whether a name is kept for temporary files: clients neither see nor use such names. The comparison is
 * that of the least exact file systems, to which `.NESTJS-...` can be the same name.
 */
export function isReservedName(name: string): boolean {
  if (!name.startsWith('.')) return false;
  return name.slice(0, PREFIX.length).normalize('NFKC').toLowerCase() === PREFIX;
}

/**
 * Removes a temporary file that a killed process left behind. Its age counts from its change time, which,
 * unlike the modification time, no client can set.
 *
 * @returns whether it was removed
 */
export async function sweepTemporaryFile(
  directory: DirectoryHandle,
  name: string,
  settings: FolderSettings,
): Promise<boolean> {
  if (inUse.has(name)) return false;
  try {
    const stats = await lstat(directory.child(name));
    if (!stats.isFile() || Date.now() - stats.ctimeMs < settings.staleUploadAge) return false;
    await unlink(directory.child(name));
  } catch {
    // Somebody else was faster, or it is not ours to remove; it stays hidden either way.
    return false;
  }
  settings.log.log(`Removed ${name}, which an upload that was cut off had left behind`);
  return true;
}

/**
 * Removes the left-over temporary files of a directory that holds nothing else.
 *
 * @returns whether the directory may now be empty
 */
export async function sweepDirectory(
  directory: DirectoryHandle,
  settings: FolderSettings,
): Promise<boolean> {
  for await (const entry of await opendir(directory.self)) {
    // What is in the way stays in the way, so the rest, be it a million entries, need not be looked at.
    if (!isReservedName(entry.name)) return false;
    if (!(await sweepTemporaryFile(directory, entry.name, settings))) return false;
  }
  return true;
}
