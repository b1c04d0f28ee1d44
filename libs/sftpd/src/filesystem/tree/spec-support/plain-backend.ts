import type { RandomAccessBackend } from '../../backend.js';

/** Of a backend nothing but what every one must have, with some of it replaced. */
export function plain(
  backend: RandomAccessBackend,
  replaced: Partial<RandomAccessBackend> = {},
): RandomAccessBackend {
  return {
    listDir: backend.listDir.bind(backend),
    fileInfo: backend.fileInfo.bind(backend),
    openFile: backend.openFile.bind(backend),
    makeDir: backend.makeDir.bind(backend),
    delDir: backend.delDir.bind(backend),
    delete: backend.delete.bind(backend),
    rename: backend.rename.bind(backend),
    ...replaced,
  };
}
