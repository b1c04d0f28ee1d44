import { randomUUID } from 'node:crypto';
import { inspect, types } from 'node:util';

import { Logger } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { EmptyError, firstValueFrom, timeout, TimeoutError } from 'rxjs';

import type { SftpSession } from '../../filesystem/session.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { valueOf } from '../wire/answer.js';
import type { MessageReader } from '../wire/message-reader.js';
import { type Operation, patternOf, WIRE_VERSION } from '../wire/operations.js';
import { encodeSession } from '../wire/session.js';
import type { WireValue } from '../wire/values.js';
import type { CheckedClientOptions } from './sftp-backend-client-options.js';

/** For whom a call is made: a user's session, or nobody for the housekeeping between the two sides. */
export type Caller = SftpSession | 'nobody';

/** The way to the other side: one message and one answer for each call. */
export class RemoteLink {
  readonly maxChunkBytes: number;
  readonly #proxy: ClientProxy;
  readonly #options: CheckedClientOptions;
  readonly #logger = new Logger('SftpBackendClient');
  readonly #sessions = new WeakMap<SftpSession, WireValue>();
  readonly #name = randomUUID();
  #requests = 0;

  constructor(proxy: ClientProxy, options: CheckedClientOptions) {
    this.#proxy = proxy;
    this.#options = options;
    this.maxChunkBytes = options.maxChunkBytes;
  }

  /** A name for one request that no other request of any client has. */
  nextRequest(): string {
    return `${this.#name}:${++this.#requests}`;
  }

  /**
   * Asks the other side.
   *
   * @param read what of the answer is wanted
   * @param request the call's name, where the caller wants to refer to it
   * @throws SftpError what the other side answers; `EIO`, with the reason as its cause, when it does not answer in
   * time, when the connection is lost, and when the answer makes no sense
   */
  async call<T>(
    operation: Operation,
    caller: Caller,
    body: WireValue,
    read: (value: MessageReader) => T,
    request = this.nextRequest(),
  ): Promise<T> {
    const pattern = patternOf(this.#options.pattern, operation);
    try {
      const session = caller === 'nobody' ? undefined : this.#wireSession(caller);
      const message = { version: WIRE_VERSION, request, session, ...body };
      const answer = await firstValueFrom(
        this.#proxy.send<unknown>(pattern, message).pipe(timeout({ first: this.#options.timeout })),
      );
      return read(valueOf(answer));
    } catch (error) {
      if (error instanceof SftpError) throw error;
      throw new SftpError('EIO', undefined, {
        cause: new Error(`${pattern}: ${this.#reason(error)}`, { cause: error }),
      });
    }
  }

  /** Tells the other side what it can do without: a lease ends what this message does not. Never rejects. */
  async tell(operation: Operation, caller: Caller, body: WireValue): Promise<void> {
    try {
      await this.call(operation, caller, body, nothing);
    } catch (error) {
      const cause = error instanceof SftpError ? (error.cause ?? error) : error;
      this.#logger.debug(cause instanceof Error ? cause.message : String(cause));
    }
  }

  #wireSession(session: SftpSession): WireValue {
    const known = this.#sessions.get(session);
    if (known !== undefined) return known;
    const encoded = encodeSession({ ...session, attributes: this.#options.attributes(session) });
    this.#sessions.set(session, encoded);
    return encoded;
  }

  #reason(error: unknown): string {
    if (error instanceof TimeoutError) {
      return `the remote backend has not answered within ${this.#options.timeout} ms`;
    }
    if (error instanceof EmptyError) return 'the remote backend has given no answer';
    if (types.isNativeError(error)) return error.message || inspect(error);
    return typeof error === 'string' ? error : inspect(error, { depth: 1 });
  }
}

/** For calls of which only the outcome is wanted. */
export function nothing(): void {
  return undefined;
}
