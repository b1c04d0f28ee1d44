import type { RandomAccessBackend, SftpBackend } from '../backend.js';
import type { OpenFileOptions } from './open-file-options.js';

/**
 * Gives backends random access, each by the best way to a file's content that it has. One per server: the bounds
 * hold for all its backends together.
 */
export class OpenFileStrategies {
  /** @param options bounds of what is kept for open files */
  constructor(readonly options: OpenFileOptions = {}) {}

  /** The backend as one whose files are open at random; a backend that has `openFile` is returned as it is. */
  randomAccess(backend: SftpBackend): RandomAccessBackend {
    if (backend.openFile === undefined) throw new TypeError('The backend has no openFile');
    return backend as RandomAccessBackend;
  }
}
