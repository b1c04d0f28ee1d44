import { MemoryBackend } from '../../../backends/memory/index.js';
import type { SftpBackend } from '../../../filesystem/backend.js';
import type { DirEntry } from '../../../filesystem/file-info.js';
import { childPath, normalizePath } from '../../../filesystem/path.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import { altered } from './altered.js';
import type { Fault } from './fault.js';
import {
  allBelow,
  failing,
  ignoring,
  lowerCase,
  makeParents,
  removeAll,
} from './memory-helpers.js';

/** A memory backend with some methods made wrong; they may call the sound ones. */
function tree(
  name: string,
  wrong: (sound: MemoryBackend) => Partial<SftpBackend>,
  ...reportedBy: string[]
): Fault {
  const create = (): { backend: SftpBackend } => {
    const sound = new MemoryBackend();
    return { backend: altered<SftpBackend>(sound, wrong(sound)) };
  };
  const content = ['openFile'] as const;
  return { name, contract: { create, content }, reportedBy };
}

/** Faults in what a backend does with names, directories and attributes. */
export const TREE_FAULTS: readonly Fault[] = [
  tree(
    'delete of a missing file succeeds',
    (sound) => ({
      delete: (path) => ignoring(() => sound.delete(path)),
    }),
    'delete > of a missing file is ENOENT',
    'concurrency > of 10 deletions of one file exactly one succeeds',
  ),
  tree(
    'delete removes an empty directory too',
    (sound) => ({
      delete: (path) =>
        sound.linkInfo(path).type === 'directory' ? sound.delDir(path) : sound.delete(path),
    }),
    'delete > of a directory is EISDIR, even of an empty one',
  ),
  tree(
    'delDir removes a directory with what it holds',
    (sound) => ({ delDir: (path) => removeAll(sound, path) }),
    'delDir > of a directory with a file is ENOTEMPTY and keeps it',
  ),
  tree(
    'rename ignores overwrite: false',
    (sound) => ({ rename: (from, to) => sound.rename(from, to, { overwrite: true }) }),
    'rename without overwrite > onto a file is EEXIST and keeps both',
  ),
  tree(
    'rename refuses to overwrite',
    (sound) => ({ rename: (from, to) => sound.rename(from, to, { overwrite: false }) }),
    'rename with overwrite > replaces a file by a file',
  ),
  tree(
    'rename of a directory leaves its children behind',
    (sound) => ({
      rename: (from, to, options) => {
        if (sound.linkInfo(from).type !== 'directory') {
          sound.rename(from, to, options);
          return;
        }
        sound.makeDir(to, {});
        ignoring(() => sound.delDir(from));
      },
    }),
    'rename > renames a directory with all it holds, without overwrite',
    'rename > moves a directory into another, with overwrite',
  ),
  tree(
    'rename takes a name that begins with the old one for a place inside it',
    (sound) => ({
      rename: (from, to, options) => {
        if (to.startsWith(from) && to !== from) throw new SftpError('EINVAL');
        sound.rename(from, to, options);
      },
    }),
    'rename > to a name that begins with its own is no move into itself, with overwrite',
  ),
  tree(
    'listDir forgets the attributes',
    (sound) => ({
      listDir: (path) =>
        [...sound.listDir(path)].map(({ name }) => ({ name, info: { type: 'regular', size: 0 } })),
    }),
    'listDir > gives each entry the attributes that fileInfo gives',
  ),
  tree(
    'listDir tells stale sizes',
    (sound) => {
      const seen = new Map<string, DirEntry>();
      return {
        listDir: (path) =>
          [...sound.listDir(path)].map((entry) => {
            const key = childPath(path, entry.name);
            seen.set(key, seen.get(key) ?? entry);
            return { ...entry, info: { ...entry.info, size: seen.get(key)?.info.size ?? 0 } };
          }),
      };
    },
    'listDir > shows the sizes that files have now',
  ),
  tree(
    'listDir keeps an old list of names',
    (sound) => {
      const seen = new Map<string, DirEntry[]>();
      return {
        listDir: (path) => {
          const list = seen.get(path) ?? [...sound.listDir(path)];
          seen.set(path, list);
          return list;
        },
      };
    },
    'listDir > shows what was made and removed since the last listing',
  ),
  tree(
    'listDir gives the first page alone',
    (sound) => ({ listDir: (path) => [...sound.listDir(path)].slice(0, 1000) }),
    'listDir > lists 3000 entries, each once',
  ),
  tree(
    'listDir lists what lies below too',
    (sound) => ({ listDir: (path) => allBelow(sound, path) }),
    'listDir > lists the entries of the directory alone, not those below',
  ),
  tree(
    'listDir of a missing directory is empty',
    (sound) => ({ listDir: (path) => ignoring(() => sound.listDir(path)) ?? [] }),
    'listDir > a missing directory is ENOENT',
  ),
  tree(
    'listDir lists "." and ".."',
    (sound) => ({
      listDir: (path) => [
        { name: '.', info: sound.fileInfo(path) },
        { name: '..', info: sound.fileInfo(path) },
        ...sound.listDir(path),
      ],
    }),
    'listDir > an empty root has no entries, and no "." or ".."',
  ),
  tree(
    'fileInfo of a missing file gives a stub',
    (sound) => ({
      fileInfo: (path) => ignoring(() => sound.fileInfo(path)) ?? { type: 'regular', size: 0 },
    }),
    'fileInfo > a missing name is ENOENT',
  ),
  tree(
    'fileInfo counts characters and not bytes',
    (sound) => ({
      fileInfo: (path) => {
        const info = sound.fileInfo(path);
        return info.size === 9 ? { ...info, size: 4 } : info;
      },
    }),
    'fileInfo > the size counts bytes, not characters',
  ),
  tree(
    'errors have no code',
    (sound) => ({
      fileInfo: (path) => ignoring(() => sound.fileInfo(path)) ?? failing(`no ${path}`),
      delete: (path) => {
        try {
          sound.delete(path);
        } catch {
          failing(`could not delete ${path}`);
        }
      },
    }),
    'fileInfo > a missing name is ENOENT',
    'delete > of a missing file is ENOENT',
    'delete > through a file is ENOTDIR',
  ),
  tree(
    'names are not told apart by case',
    (sound) => ({
      openFile: (path, flags) => sound.openFile(lowerCase(path), flags),
      fileInfo: (path) => sound.fileInfo(lowerCase(path)),
      rename: (from, to, options) => sound.rename(lowerCase(from), lowerCase(to), options),
      delete: (path) => sound.delete(lowerCase(path)),
    }),
    'names > names are told apart by case',
  ),
  tree(
    'names lose the spaces at their ends',
    (sound) => ({
      openFile: (path, flags) => sound.openFile(normalizePath(path.trim()), flags),
    }),
    'names > a name with spaces, also at its ends can be written, listed, read, renamed and removed',
  ),
  tree(
    'makeDir over a file succeeds',
    (sound) => ({
      makeDir: (path, attributes) => {
        if (ignoring(() => sound.fileInfo(path))?.type === 'regular') sound.delete(path);
        sound.makeDir(path, attributes);
      },
    }),
    'makeDir > over a file is EEXIST and keeps the file',
  ),
  tree(
    'makeDir over a directory succeeds',
    (sound) => ({
      makeDir: (path, attributes) => {
        if (ignoring(() => sound.fileInfo(path))?.type !== 'directory') {
          sound.makeDir(path, attributes);
        }
      },
    }),
    'makeDir > over a directory is EEXIST and keeps what it holds',
    'concurrency > of 10 makeDir of one name exactly one succeeds',
  ),
  tree(
    'makeDir makes missing parents',
    (sound) => ({
      makeDir: (path, attributes) => {
        makeParents(sound, path);
        sound.makeDir(path, attributes);
      },
    }),
    'makeDir > in a missing directory is ENOENT and makes nothing',
  ),
  tree(
    'times are not kept',
    (sound) => ({
      setAttributes: (path, { accessedAt: _a, modifiedAt: _m, ...changes }) =>
        sound.setAttributes(path, changes),
    }),
    'times > sets both times of a file, to the second',
  ),
  tree(
    'only some of the permission bits are kept',
    (sound) => ({
      setAttributes: (path, { mode, ...changes }) =>
        sound.setAttributes(path, {
          ...changes,
          ...(mode !== undefined && { mode: mode & 0o666 }),
        }),
    }),
    'setAttributes, mode and owner > sets the permission bits of a file exactly',
  ),
  tree(
    'a size is set by cutting alone',
    (sound) => ({
      setAttributes: (path, { size, ...changes }) =>
        sound.setAttributes(path, {
          ...changes,
          ...(size !== undefined && { size: Math.min(size, sound.fileInfo(path).size) }),
        }),
    }),
    'setAttributes, size > a larger size extends the file with zeros',
  ),
  tree(
    'copy is not whole',
    (sound) => ({
      copy: (from, to, options) => {
        sound.copy(from, to, options);
        const { size } = sound.fileInfo(to);
        sound.setAttributes(to, { size: Math.min(size, 65_536) });
      },
    }),
    'copy > makes a second file with the same content',
  ),
  tree(
    'copy ignores overwrite: false',
    (sound) => ({ copy: (from, to) => sound.copy(from, to, { overwrite: true }) }),
    'copy > without overwrite onto a file is EEXIST and keeps it',
  ),
  tree(
    'a hard link is a copy',
    (sound) => ({ hardLink: (from, to) => sound.copy(from, to, { overwrite: false }) }),
    'hardLink > what is written by one name is read by the other',
  ),
  tree(
    'the target of a symbolic link is made canonical',
    (sound) => ({ symlink: (path, target) => sound.symlink(path, normalizePath(target)) }),
    'symbolic links > a target is kept as it was written',
  ),
  tree(
    'statVfs tells of more free blocks than there are',
    (sound) => ({
      statVfs: (path) => {
        const info = sound.statVfs(path);
        return { ...info, freeBlocks: info.totalBlocks + 1 };
      },
    }),
    'statVfs > tells plausible numbers of an empty storage',
  ),
];
