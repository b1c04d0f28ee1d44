import type { AttributeChanges } from '../file-info.js';
import type { MaybePromise } from '../maybe-promise.js';
import type { OpenFile } from '../open-file.js';
import { type PosixErrorCode, SftpError } from '../sftp-error.js';
import { refusing } from './refusal.js';

/** What is allowed on an open file. */
export interface FileRestrictions {
  /** `false` refuses every READ of a handle that was asked for both ways. */
  readonly read: boolean;
  /** The answer to FSETSTAT; `undefined` leaves it to the file. */
  readonly setAttributes: ((changes: AttributeChanges) => MaybePromise<void>) | undefined;
  /** What `close` fails with when only now a name turns out to be taken that had to be free. */
  readonly refusal: PosixErrorCode | undefined;
}

/** An open file with which only what is allowed can be done. */
export function restrictedFile(file: OpenFile, restrictions: FileRestrictions): OpenFile {
  const { read, refusal } = restrictions;
  const setAttributes = restrictions.setAttributes ?? file.setAttributes?.bind(file);
  return {
    ...(file.staged !== undefined && { staged: file.staged }),
    read: read ? (target, offset) => file.read(target, offset) : refused,
    write: (data, offset) => file.write(data, offset),
    stat: () => file.stat(),
    ...(setAttributes && { setAttributes }),
    ...(file.sync && { sync: () => file.sync?.() }),
    close: () => (refusal === undefined ? file.close() : refusing(refusal, () => file.close())),
    abort: () => file.abort(),
  };
}

/** @throws SftpError `EACCES` always */
export function refused(): never {
  throw new SftpError('EACCES');
}
