import { normalizePath, ROOT_PATH, type SftpPath } from '../filesystem/path.js';
import { SftpError } from '../filesystem/sftp-error.js';

const MAX_PATH_BYTES = 4096;

/** Where a session starts: what relative paths, and `~`, begin from. */
export const HOME_PATH = ROOT_PATH;

/**
 * The canonical path of what a client wrote; the only place where one is made from the wire.
 *
 * @throws SftpError `ENAMETOOLONG` above 4096 bytes, `EINVAL` for a NUL character
 */
export function clientPath(text: string): SftpPath {
  if (Buffer.byteLength(text) > MAX_PATH_BYTES) throw new SftpError('ENAMETOOLONG');
  return normalizePath(text, HOME_PATH);
}
