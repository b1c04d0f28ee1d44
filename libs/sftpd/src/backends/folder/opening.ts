import { constants } from 'node:fs';

import { isReadable, type OpenFile, type OpenFlags } from '../../filesystem/open-file.js';
import { SftpError } from '../../filesystem/sftp-error.js';

import { AtomicUpload } from './atomic-upload.js';
import type { ConfinedPath } from './confined-path.js';
import type { PinnedEntry } from './directory-handle.js';
import { closeDescriptor, hasCode } from './file-calls.js';
import { FolderFile, type FolderFileContext } from './folder-file.js';
import { fileTypeOfStats } from './file-info-of-stats.js';
import type { FolderSettings } from './folder-options.js';
import { syncDirectory } from './take-name.js';

/** How often a file may appear and vanish under an OPEN before the client is told to try again. */
const MAX_RACES = 16;

/**
 * Opens a regular file, or makes it, with the meaning that `open(2)` gives the flags.
 *
 * An existing file is first held without being opened, and opened only when it is a regular one: to open
 * a FIFO can block for ever, and to open a device can do anything.
 *
 * @param path where the file is; its final links are followed
 * @throws `ENOENT`, `EEXIST`, `EISDIR`, `ENOTDIR`, `ELOOP`, `EROFS`, `ENOSPC`; `EACCES` also for what is no
 * regular file
 */
export async function openFolderFile(
  path: ConfinedPath,
  flags: OpenFlags,
  settings: FolderSettings,
  context: FolderFileContext,
): Promise<OpenFile> {
  const staged = flags.write && (settings.atomicUploads || flags.inspected === true);
  // Links are counted where they are followed; here only a file that comes and goes.
  for (let races = 0; races < MAX_RACES;) {
    if (flags.create && !staged) {
      const made = await makeFile(path, flags, settings, context);
      if (made !== undefined) return made;
    }
    const entry = await pinIfThere(path, flags);
    if (entry === undefined) {
      if (staged) return await beginUpload(path, flags, settings, context);
      races += 1;
      continue;
    }
    try {
      if (flags.create && flags.exclusive) throw new SftpError('EEXIST');
      if (!entry.stats.isSymbolicLink()) {
        assertRegular(entry);
        if (!staged || !flags.truncate) return await openEntry(entry, flags, context);
        // Who may not write the file may not replace it either, as open(2) would say.
        await closeDescriptor(await entry.open(constants.O_WRONLY));
        return await beginUpload(path, flags, settings, context, entry);
      }
    } finally {
      entry.close();
    }
    await path.followLink();
  }
  throw new SftpError('EAGAIN');
}

/** Makes a file that is not there; `undefined` when something is and may be opened instead. */
async function makeFile(
  path: ConfinedPath,
  flags: OpenFlags,
  settings: FolderSettings,
  context: FolderFileContext,
): Promise<OpenFile | undefined> {
  if (path.name === '.') return undefined;
  let fd;
  try {
    fd = await context.calls.open(
      path.child,
      accessMode(flags) | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      creationMode(flags, settings),
    );
  } catch (error) {
    if (hasCode(error, 'EEXIST') && !flags.exclusive) return undefined;
    throw error;
  }
  try {
    if (settings.durable) await syncDirectory(path.directory);
  } catch (error) {
    await closeDescriptor(fd);
    throw error;
  }
  return new FolderFile(fd, flags, context);
}

async function pinIfThere(path: ConfinedPath, flags: OpenFlags): Promise<PinnedEntry | undefined> {
  try {
    return await path.directory.pin(path.name);
  } catch (error) {
    if (flags.create && hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function openEntry(
  entry: PinnedEntry,
  flags: OpenFlags,
  context: FolderFileContext,
): Promise<OpenFile> {
  const truncate = flags.write && flags.truncate ? constants.O_TRUNC : 0;
  return new FolderFile(await entry.open(accessMode(flags) | truncate), flags, context);
}

function beginUpload(
  path: ConfinedPath,
  flags: OpenFlags,
  settings: FolderSettings,
  context: FolderFileContext,
  replaced?: PinnedEntry,
): Promise<OpenFile> {
  return AtomicUpload.begin(
    {
      name: path.name,
      directory: path.detach(),
      mode: creationMode(flags, settings),
      ...(replaced !== undefined && { replaces: replaced.stats }),
    },
    flags,
    context,
  );
}

function assertRegular(entry: PinnedEntry): void {
  if (entry.stats.isFile()) return;
  if (entry.stats.isDirectory()) throw new SftpError('EISDIR');
  throw new SftpError('EACCES', `A ${fileTypeOfStats(entry.stats)} cannot be opened`);
}

function accessMode(flags: OpenFlags): number {
  if (!flags.write) return constants.O_RDONLY;
  const mode = isReadable(flags) ? constants.O_RDWR : constants.O_WRONLY;
  return flags.append ? mode | constants.O_APPEND : mode;
}

/** A new file never starts with the set-id or sticky bits. */
function creationMode(flags: OpenFlags, settings: FolderSettings): number {
  return (flags.mode ?? settings.fileMode) & 0o777;
}
