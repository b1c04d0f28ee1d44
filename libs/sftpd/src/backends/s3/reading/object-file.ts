import type { FileInfo } from '../../../filesystem/file-info.js';
import type { OpenFile } from '../../../filesystem/open-file.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import type { StoredObject } from '../store/stored-object.js';

/** STUB, to be replaced at the merge. */
export class ObjectFile implements OpenFile {
  constructor(readonly object: StoredObject) {}

  read(): never {
    throw new SftpError('ENOTSUP');
  }

  write(): never {
    throw new SftpError('EBADF');
  }

  stat(): FileInfo {
    return { type: 'regular', size: this.object.size };
  }

  close(): void {
    // Nothing is held.
  }

  abort(): void {
    // Nothing is held.
  }
}
