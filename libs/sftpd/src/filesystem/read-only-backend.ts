import type { OverwriteOption, SftpBackend } from './backend.js';
import type { AttributeChanges, DirEntry, FileInfo } from './file-info.js';
import type { MaybePromise } from './maybe-promise.js';
import type { OpenFile, OpenFlags } from './open-file.js';
import type { SftpPath } from './path.js';
import type { SftpSession } from './session.js';
import { SftpError } from './sftp-error.js';

/**
 * A backend in which nobody can change anything: every change fails with `EROFS`. What is left to say is what there
 * is (`listDir`, `fileInfo`) and one way to read it: `readFile`, `readFileRange` or `openFile`.
 *
 * @example
 * class Notes extends ReadOnlyBackend {
 *   listDir(path: string) {
 *     if (path !== '/') throw new SftpError('ENOENT');
 *     return [{ name: 'note', info: this.fileInfo('/note') }];
 *   }
 *
 *   fileInfo(path: string) {
 *     return path === '/' ? directoryInfo() : regularFileInfo(this.readFile(path).length);
 *   }
 *
 *   readFile(path: string) {
 *     if (path !== '/note') throw new SftpError('ENOENT');
 *     return Buffer.from('to be read\n');
 *   }
 * }
 */
export abstract class ReadOnlyBackend implements SftpBackend {
  abstract listDir(
    path: SftpPath,
    session: SftpSession,
  ): MaybePromise<Iterable<DirEntry> | AsyncIterable<DirEntry>>;

  abstract fileInfo(path: SftpPath, session: SftpSession): MaybePromise<FileInfo>;

  readFile?(path: SftpPath, session: SftpSession): MaybePromise<Uint8Array>;

  readFileRange?(
    path: SftpPath,
    offset: number,
    length: number,
    session: SftpSession,
  ): MaybePromise<Uint8Array>;

  /** Whoever implements it refuses `flags.write` with `EROFS`, and `flags.create` for a name that is not there. */
  openFile?(path: SftpPath, flags: OpenFlags, session: SftpSession): MaybePromise<OpenFile>;

  /** @throws SftpError `EROFS` */
  makeDir(
    _path: SftpPath,
    _attributes: AttributeChanges,
    _session: SftpSession,
  ): MaybePromise<void> {
    throw new SftpError('EROFS');
  }

  /** @throws SftpError `EROFS` */
  delDir(_path: SftpPath, _session: SftpSession): MaybePromise<void> {
    throw new SftpError('EROFS');
  }

  /** @throws SftpError `EROFS` */
  delete(_path: SftpPath, _session: SftpSession): MaybePromise<void> {
    throw new SftpError('EROFS');
  }

  /** @throws SftpError `EROFS` */
  rename(
    _from: SftpPath,
    _to: SftpPath,
    _options: OverwriteOption,
    _session: SftpSession,
  ): MaybePromise<void> {
    throw new SftpError('EROFS');
  }
}
