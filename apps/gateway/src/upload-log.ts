import { Injectable, Logger } from '@nestjs/common';
import {
  nestLog,
  OnSftpEvent,
  type UploadAbortedEvent,
  type UploadCompletedEvent,
} from 'nestjs-sftpd';
import { messageOf } from './problems.js';

/** One line of the log for each upload, which the connection's id joins to the others. */
@Injectable()
export class UploadLog {
  readonly #log = nestLog(new Logger('Uploads'));

  @OnSftpEvent('upload.completed')
  completed({ session, path, bytes, size, duration }: UploadCompletedEvent): void {
    const whole = size === bytes ? '' : ` of a file of ${size}`;
    this.#log.log(
      `[${session.id}] ${JSON.stringify(session.username)} has uploaded ${JSON.stringify(path)}: ${bytes} bytes${whole} in ${duration} ms`,
    );
  }

  @OnSftpEvent('upload.aborted')
  aborted({ session, path, bytes, duration, reason, error }: UploadAbortedEvent): void {
    const why = error === undefined ? '' : `: ${messageOf(error)}`;
    this.#log.warn(
      `[${session.id}] The upload of ${JSON.stringify(path)} by ${JSON.stringify(session.username)} was aborted after ${bytes} bytes and ${duration} ms (${reason})${why}`,
    );
  }
}
