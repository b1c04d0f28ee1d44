import type { Dir } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';

import type { DirEntry } from '../../filesystem/file-info.js';

import type { DirectoryHandle } from './directory-handle.js';
import { hasCode } from './file-calls.js';
import { fileInfoOfStats } from './file-info-of-stats.js';
import type { FolderSettings } from './folder-options.js';
import type { NameTable } from './owner-names.js';
import { isReservedName, sweepTemporaryFile } from './temporary-files.js';
import { decodeUtf8 } from './utf8.js';

/** Entries whose attributes are asked for together: enough to keep Node's threads busy. */
const BATCH = 64;

/** What a listing needs to know besides its directory. */
export interface ListingContext {
  readonly settings: FolderSettings;
  readonly names: NameTable;
  /** Told once for a listing, of how many names no client can spell. */
  readonly onUnspeakable: (count: number) => void;
}

/**
 * Lists a directory batch by batch, without holding more than one batch.
 *
 * Hidden are temporary files, and names that are not UTF-8, which no path of a client could spell. An entry
 * that vanishes between its name and its attributes is left out.
 *
 * @param directory to list; the iterator closes it at its end, at an error and at `return()`
 * @throws `EACCES`, `ENOENT` when the directory cannot be opened for reading
 */
export async function listFolder(
  directory: DirectoryHandle,
  context: ListingContext,
): Promise<AsyncIterableIterator<DirEntry>> {
  let dir: Dir;
  try {
    // Latin-1 keeps every byte of a name apart.
    dir = await opendir(directory.self, { encoding: 'latin1', bufferSize: BATCH });
  } catch (error) {
    directory.close();
    throw error;
  }
  let open = true;
  const release = async () => {
    if (!open) return;
    open = false;
    await dir.close().finally(() => {
      directory.close();
    });
  };
  const entries = readEntries(dir, directory, context, release);
  // A generator that was never started does not run its `finally`, so `return()` cannot be left to it.
  const listing: AsyncIterableIterator<DirEntry> = {
    [Symbol.asyncIterator]: () => listing,
    next: () => entries.next(),
    return: async () => {
      await entries.return(undefined);
      await release();
      return { done: true, value: undefined };
    },
  };
  return listing;
}

async function* readEntries(
  dir: Dir,
  directory: DirectoryHandle,
  context: ListingContext,
  release: () => Promise<void>,
): AsyncGenerator<DirEntry, undefined, undefined> {
  let unspeakable = 0;
  try {
    for (let more = true; more;) {
      const batch: string[] = [];
      while (more && batch.length < BATCH) {
        const found = await dir.read();
        if (found === null) {
          more = false;
          continue;
        }
        const name = decodeUtf8(Buffer.from(found.name, 'latin1'));
        if (name === undefined) unspeakable += 1;
        else batch.push(name);
      }
      // All are waited for, so that none is still at work when the directory is let go of.
      const described = await Promise.allSettled(
        batch.map((name) => describe(directory, name, context)),
      );
      for (const result of described) {
        if (result.status === 'rejected') throw result.reason;
        if (result.value !== undefined) yield result.value;
      }
    }
    if (unspeakable > 0) context.onUnspeakable(unspeakable);
  } finally {
    await release();
  }
  return undefined;
}

async function describe(
  directory: DirectoryHandle,
  name: string,
  { settings, names }: ListingContext,
): Promise<DirEntry | undefined> {
  if (isReservedName(name)) {
    await sweepTemporaryFile(directory, name, settings);
    return undefined;
  }
  try {
    return { name, info: fileInfoOfStats(await lstat(directory.child(name)), names) };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
