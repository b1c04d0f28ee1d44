import type { SftpBackend } from '../backend.js';
import type { SftpPath } from '../path.js';
import type { SftpSession } from '../session.js';

/** A file by its name: where it is stored, and for whom. */
export interface BackendFile {
  readonly backend: SftpBackend;
  readonly path: SftpPath;
  readonly session: SftpSession;
}
