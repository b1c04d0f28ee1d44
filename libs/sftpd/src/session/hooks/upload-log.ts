import type { Log } from '../../events/log.js';
import { messageWithCauses } from '../../events/message-with-causes.js';
import { quoted } from '../../events/printable.js';
import type {
  PathEvent,
  UploadAbortedEvent,
  UploadCompletedEvent,
} from '../../events/storage-events.js';

/** Writes one line about each upload at its end. */
export class UploadLog {
  readonly #log: Log;

  /** @param log of the connection, whose id its lines begin with */
  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * A file that was opened to be written, and was left as it was, is told at level `debug`: it has been delivered before.
   *
   * @param changed whether anything was written or cut off
   */
  completed(event: Omit<UploadCompletedEvent, 'digest'>, changed: boolean): void {
    const { session, path, bytes, size, duration } = event;
    const [who, what] = [quoted(session.username), quoted(path)];
    if (!changed && size > 0) {
      this.#log.debug(`${who} has left ${what} as it was: ${size} bytes, in ${duration} ms`);
      return;
    }
    const whole = size === bytes ? '' : ` of a file of ${size}`;
    this.#log.log(`${who} has uploaded ${what}: ${bytes} bytes${whole} in ${duration} ms`);
  }

  /** The storage has the upload, and a gate has kept the client from being told so. */
  unacknowledged({ session, path }: PathEvent, refusal: Error): void {
    this.#log.warn(
      `${quoted(session.username)} was not told that ${quoted(path)} is stored: ${messageWithCauses(refusal)}`,
    );
  }

  /** @param detail the reason in words, where there is no error */
  aborted(event: UploadAbortedEvent, detail?: string): void {
    const { session, path, bytes, duration, reason, error } = event;
    const [who, what] = [quoted(session.username), quoted(path)];
    const words = error === undefined ? detail : messageWithCauses(error);
    const why = words === undefined ? '' : `: ${words}`;
    this.#log.warn(
      `The upload of ${what} by ${who} was aborted after ${bytes} bytes and ${duration} ms (${reason})${why}`,
    );
  }
}
