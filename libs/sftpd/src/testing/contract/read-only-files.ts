import { normalizePath } from '../../filesystem/path.js';
import { bytes, pattern } from './bytes.js';
import type { KnownFiles } from './suite.js';

/** What a read-only backend holds. */
export interface ReadOnlyFiles {
  /**
   * Contents by path, such as `/reports/january.csv`; the directories are those that the files need.
   * At least one file is not empty.
   */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/**
 * Files that show what a read-only backend may do wrong: empty, long, binary, deep, and with names that need care.
 * For a backend whose tests decide what is in it.
 */
export const SAMPLE_FILES: ReadOnlyFiles['files'] = {
  '/empty': '',
  '/long.bin': pattern(300_000, 20),
  '/reports/january.csv': 'day,sold\n1,42\n',
  '/reports/2026/a name & 100% ümlaut.txt': 'füß\n',
  '/reports-old/january.csv': 'day,sold\n1,7\n',
};

/**
 * The files by their canonical paths.
 *
 * @throws TypeError when there is none with content, or one path is the directory of another
 */
export function knownFiles(readOnly: ReadOnlyFiles | undefined): KnownFiles {
  const files = new Map<string, Buffer>();
  if (readOnly === undefined) return files;
  for (const [path, content] of Object.entries(readOnly.files)) {
    const data = typeof content === 'string' ? bytes(content) : Buffer.from(content);
    files.set(normalizePath(path), data);
  }
  if (![...files.values()].some(({ length }) => length > 0)) {
    throw new TypeError('readOnly.files: at least one file with content is needed');
  }
  for (const path of files.keys()) {
    if (path === '/' || directoriesOf(files).has(path)) {
      throw new TypeError(`readOnly.files: ${path} is a directory and cannot be a file`);
    }
  }
  return files;
}

/** The directories that files need, each with what it holds: the names of its entries and their paths. */
export function directoriesOf(files: KnownFiles): Map<string, Map<string, string>> {
  const directories = new Map<string, Map<string, string>>([['/', new Map()]]);
  for (const file of files.keys()) {
    let directory = '/';
    for (const name of file.slice(1).split('/')) {
      const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
      directories.get(directory)?.set(name, path);
      if (path !== file && !directories.has(path)) directories.set(path, new Map());
      directory = path;
    }
  }
  return directories;
}
