import type { ServerResponse } from 'node:http';
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpStatus,
  Logger,
} from '@nestjs/common';
import { type PosixErrorCode, SftpError } from 'nestjs-sftpd';

const STATUSES: Partial<Record<PosixErrorCode, HttpStatus>> = {
  EACCES: HttpStatus.FORBIDDEN,
  EAGAIN: HttpStatus.SERVICE_UNAVAILABLE,
  EEXIST: HttpStatus.CONFLICT,
  EFBIG: HttpStatus.PAYLOAD_TOO_LARGE,
  EINVAL: HttpStatus.BAD_REQUEST,
  EISDIR: HttpStatus.CONFLICT,
  ENAMETOOLONG: HttpStatus.BAD_REQUEST,
  ENOENT: HttpStatus.NOT_FOUND,
  ENOSPC: HttpStatus.INSUFFICIENT_STORAGE,
  ENOTDIR: HttpStatus.CONFLICT,
};

/** Tells HTTP clients of the backend's failures: its POSIX code as a status, and its sentence. */
@Catch(SftpError)
export class SftpErrorFilter implements ExceptionFilter<SftpError> {
  readonly #log = new Logger(SftpErrorFilter.name);

  catch(error: SftpError, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    const status = STATUSES[error.code] ?? HttpStatus.INTERNAL_SERVER_ERROR;
    if (status === HttpStatus.INTERNAL_SERVER_ERROR) this.#log.error(error.message, error.cause);
    if (response.headersSent || response.destroyed) {
      // What has been sent is not whole, and only a broken connection can still tell.
      response.destroy();
      return;
    }
    response.statusCode = status;
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(JSON.stringify({ statusCode: status, error: error.code, message: error.message }));
  }
}
