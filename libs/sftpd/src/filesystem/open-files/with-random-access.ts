import type { RandomAccessBackend, SftpBackend } from '../backend.js';

/** The backend as one whose files are open at random. */
export function withRandomAccess(backend: SftpBackend): RandomAccessBackend {
  if (backend.openFile === undefined) throw new TypeError('The backend has no openFile');
  return backend as RandomAccessBackend;
}
