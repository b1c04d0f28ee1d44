import { assertFileInfo } from '../assert-file-info.js';
import type { FileInfo } from '../file-info.js';
import { SftpError } from '../sftp-error.js';

/**
 * Whether what a backend told is a file that can be opened.
 *
 * @throws SftpError `EISDIR`, `EACCES` for what is neither, `EIO` for a size that is none
 */
export function assertRegular(info: FileInfo): FileInfo {
  assertFileInfo(info);
  if (info.type === 'directory') throw new SftpError('EISDIR');
  if (info.type !== 'regular') throw new SftpError('EACCES', `A ${info.type} cannot be opened`);
  if (!Number.isSafeInteger(info.size) || info.size < 0) {
    const cause = new TypeError(`The backend's fileInfo told a size of ${info.size}`);
    throw new SftpError('EIO', undefined, { cause });
  }
  return info;
}
