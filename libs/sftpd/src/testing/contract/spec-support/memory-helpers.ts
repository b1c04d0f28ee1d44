import type { MemoryBackend } from '../../../backends/memory/index.js';
import type { DirEntry } from '../../../filesystem/file-info.js';
import { childPath, normalizePath, type SftpPath } from '../../../filesystem/path.js';

/** What an action gives; nothing when it fails. */
export function ignoring<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Throws an error that has no code. */
export function failing(message: string): never {
  throw new Error(message);
}

/** The path with its letters in lower case. */
export function lowerCase(path: SftpPath): SftpPath {
  return normalizePath(path.toLowerCase());
}

/** Removes a directory with all it holds. */
export function removeAll(sound: MemoryBackend, directory: SftpPath): void {
  for (const { name, info } of sound.listDir(directory)) {
    const path = childPath(directory, name);
    if (info.type === 'directory') removeAll(sound, path);
    else sound.delete(path);
  }
  sound.delDir(directory);
}

/** The entries of a directory and of all directories below. */
export function allBelow(sound: MemoryBackend, directory: SftpPath): DirEntry[] {
  return [...sound.listDir(directory)].flatMap((entry) =>
    entry.info.type === 'directory'
      ? [entry, ...allBelow(sound, childPath(directory, entry.name))]
      : [entry],
  );
}

/** Makes the directories that a path needs. */
export function makeParents(sound: MemoryBackend, path: SftpPath): void {
  const segments = path.split('/').slice(1, -1);
  for (let depth = 1; depth <= segments.length; depth += 1) {
    const parent = normalizePath(segments.slice(0, depth).join('/'));
    ignoring(() => sound.makeDir(parent, {}));
  }
}
