import { POSIX_ERRORS, type PosixErrorCode, SftpError } from '../../filesystem/sftp-error.js';
import { MessageReader } from './message-reader.js';
import type { WireValue } from './values.js';

/**
 * What an operation comes to. Failures are answers too, never exceptions: Nest's exception layer would log them as
 * unforeseen and tell the other side no more than "Internal server error".
 */
export type Answer =
  | { readonly value: WireValue }
  | { readonly error: { readonly code: PosixErrorCode; readonly message: string } };

/** The answer to a call that has failed: its code and the sentence that a client may see, and no stack. */
export function failureAnswer({ code, message }: SftpError): Answer {
  return { error: { code, message } };
}

/**
 * The value of an answer.
 *
 * @throws SftpError the remote failure, with its code and message
 * @throws MalformedMessageError when it is no answer
 */
export function valueOf(answer: unknown): MessageReader {
  const message = new MessageReader(answer, 'the answer');
  const error = message.optional('error', 'record');
  if (error === undefined) return message.record('value');
  const code = error.text('code');
  throw new SftpError(isPosixCode(code) ? code : 'EIO', error.text('message'));
}

function isPosixCode(code: string): code is PosixErrorCode {
  return Object.hasOwn(POSIX_ERRORS, code);
}
