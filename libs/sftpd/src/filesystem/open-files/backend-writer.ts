import type { NewFileOptions } from '../backend.js';
import type { FileWriter } from '../file-writer.js';
import { SftpError, toSftpError } from '../sftp-error.js';
import type { BackendFile } from './backend-file.js';

/**
 * Starts to write a file.
 *
 * @throws whatever the backend throws; SftpError `EIO` when it returns something else than a writer
 */
export async function beginWrite(
  { backend, path, session }: BackendFile,
  options: NewFileOptions,
): Promise<FileWriter> {
  const writer = (await backend.beginWrite?.(path, options, session)) as
    Partial<FileWriter> | undefined;
  for (const method of ['write', 'finish', 'abort'] as const) {
    if (typeof writer?.[method] !== 'function') {
      const cause = new TypeError(`The backend's beginWrite returned no object with ${method}()`);
      throw new SftpError('EIO', undefined, { cause });
    }
  }
  return writer as FileWriter;
}

/**
 * Aborts a writer because of an error.
 *
 * @returns the error to be thrown; it tells also of an abort that failed
 */
export async function abortBecauseOf(writer: FileWriter, error: unknown): Promise<SftpError> {
  const reason = toSftpError(error);
  try {
    await writer.abort();
    return reason;
  } catch (abortError) {
    const cause = new AggregateError(
      [error, abortError],
      'The upload failed, and so did its abort',
    );
    return new SftpError(reason.code, reason.message, { cause });
  }
}
