import type { FileInfo, FileType } from './file-info.js';
import { SftpError } from './sftp-error.js';

const FILE_TYPES = {
  regular: true,
  directory: true,
  symlink: true,
  'block-device': true,
  'character-device': true,
  fifo: true,
  socket: true,
} as const satisfies Record<FileType, true>;

/**
 * Whether what a backend told of a file has what every file has: a type and a size. Without this check a backend
 * that answers with something else would show empty files, and a missing answer would be taken for a missing file.
 *
 * @param info what the backend returned
 * @throws SftpError `EIO`
 */
export function assertFileInfo(info: unknown): FileInfo {
  const { type, size } = (info ?? {}) as Partial<Record<keyof FileInfo, unknown>>;
  if (typeof type === 'string' && Object.hasOwn(FILE_TYPES, type) && typeof size === 'number') {
    return info as FileInfo;
  }
  throw new SftpError('EIO', undefined, {
    cause: new TypeError(
      `The backend told of a file with the type ${String(type)} and the size ${String(size)}`,
    ),
  });
}
