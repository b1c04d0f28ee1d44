import type { StatusCode } from './constants.js';

/** The peer broke the framing, or sent a packet that cannot be answered: the channel has to end. */
export class MalformedPacketError extends Error {
  override readonly name = 'MalformedPacketError';
}

/** One request cannot be served as it was sent; it is answered with a status and the channel goes on. */
export class RequestRefusedError extends Error {
  override readonly name = 'RequestRefusedError';

  /**
   * @param id the request's id
   * @param status the answer's status code
   * @param message the answer's text, for the client to read
   */
  constructor(
    readonly id: number,
    readonly status: StatusCode,
    message: string,
  ) {
    super(message);
  }
}

/** A field that cannot be decoded; becomes a {@link RequestRefusedError} where the request's id is known. */
export class FieldError extends Error {
  override readonly name = 'FieldError';

  /**
   * @param status `BAD_MESSAGE` for a packet that ends too soon, `FAILURE` for a value that is refused
   * @param message what is wrong, for the client to read
   */
  constructor(
    readonly status: StatusCode,
    message: string,
  ) {
    super(message);
  }
}
