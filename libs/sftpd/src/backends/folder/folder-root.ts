import { constants } from 'node:fs';
import { access, lstat, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { errorCode } from '../../filesystem/sftp-error.js';

import { DescriptorDirectory, O_PATH } from './descriptor-directory.js';
import type { DirectoryHandle } from './directory-handle.js';
import { dropDescriptor, hasCode, openDescriptor } from './file-calls.js';
import type { FolderSettings } from './folder-options.js';
import { PathDirectory } from './path-directory.js';
import type { StorageCalls } from './storage-calls.js';

/**
 * Opens the directory that a `FolderBackend` serves.
 *
 * @throws Error that names the option `root` and says what is wrong with it
 */
export async function openRoot(
  settings: FolderSettings,
  calls: StorageCalls,
): Promise<DirectoryHandle> {
  const root = path.resolve(settings.root);
  if (settings.create) {
    try {
      await mkdir(root, { recursive: true, mode: settings.directoryMode });
    } catch (error) {
      if (hasCode(error, 'EEXIST')) throw refusal(root, 'is not a directory', error);
      throw refusal(root, `cannot be made (${errorCode(error) ?? 'unknown error'})`, error);
    }
  }
  try {
    const real = await realpath(root);
    await calls.useStorageOf(real);
    if (!(await stat(real)).isDirectory()) throw refusal(root, 'is not a directory');
    await access(real, constants.R_OK | constants.X_OK);
    return (await openDescriptorRoot(real, settings, calls)) ?? new PathDirectory(real);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      throw refusal(root, 'does not exist: make it, or set create: true', error);
    }
    if (hasCode(error, 'ENOTDIR')) throw refusal(root, 'is not a directory', error);
    if (hasCode(error, 'EACCES', 'EPERM')) {
      throw refusal(root, 'may not be read and searched by the user of this process', error);
    }
    throw error;
  }
}

/** The root by descriptor, or `undefined` where `/proc/self/fd` does not lead to what a descriptor holds. */
async function openDescriptorRoot(
  real: string,
  settings: FolderSettings,
  calls: StorageCalls,
): Promise<DirectoryHandle | undefined> {
  if (process.platform !== 'linux') return undefined;
  const fd = await openDescriptor(real, O_PATH | constants.O_DIRECTORY);
  const directory = new DescriptorDirectory(fd, calls);
  try {
    const [named, held] = await Promise.all([stat(real), lstat(directory.child('.'))]);
    if (named.ino === held.ino && named.dev === held.dev) return directory;
  } catch {
    // Told below.
  }
  dropDescriptor(fd);
  settings.log.warn(
    'FolderBackend: /proc is not mounted, so races with other programs of this machine are not covered',
  );
  return undefined;
}

function refusal(root: string, what: string, cause?: unknown): Error {
  return new Error(`FolderBackend: the option root (${root}) ${what}`, { cause });
}
