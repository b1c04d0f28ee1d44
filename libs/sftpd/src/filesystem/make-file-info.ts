import type { FileInfo } from './file-info.js';

/** What a backend may tell of a file beside its type and its size. */
export type FileAttributes = Omit<FileInfo, 'type' | 'size'>;

/**
 * What {@link SftpBackend.fileInfo} tells of a directory.
 *
 * @param attributes what is known beside
 * @default attributes.mode 0o755, and nothing of the rest: clients see no time then
 */
export function directoryInfo(attributes: FileAttributes = {}): FileInfo {
  return { ...attributes, type: 'directory', size: 0 };
}

/**
 * What {@link SftpBackend.fileInfo} tells of a regular file.
 *
 * @param size bytes
 * @param attributes what is known beside
 * @default attributes.mode 0o644, and nothing of the rest: clients see no time then
 * @throws TypeError when the size is not a whole number of bytes, such as that of a header which is not there
 * @example
 * regularFileInfo(Number(headers.get('content-length')), { mode: 0o444 })
 */
export function regularFileInfo(size: number, attributes: FileAttributes = {}): FileInfo {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new TypeError(`The size of a file is a whole number of bytes, and not ${size}`);
  }
  return { ...attributes, type: 'regular', size };
}

/**
 * What {@link SftpBackend.linkInfo} and a listing tell of a symbolic link itself.
 *
 * @param target what the link holds, as it was written
 * @param attributes what is known beside
 * @default attributes.mode 0o777, and nothing of the rest: clients see no time then
 */
export function symbolicLinkInfo(target: string, attributes: FileAttributes = {}): FileInfo {
  return { ...attributes, type: 'symlink', size: Buffer.byteLength(target) };
}
