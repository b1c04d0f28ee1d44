import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';

import type {
  AuthenticationMessage,
  ConnectionMessage,
  OperationMessage,
  ServerMessage,
  TraceMessage,
} from './tracing-messages.js';

/**
 * The tracing channels of all servers of this process, as `node:diagnostics_channel` gives them by the same names.
 *
 * Each trace is told as that of a promise: `start` and `end` when it begins, `error` when it has failed, and
 * `asyncStart` and `asyncEnd` when it is over, exactly once. A subscriber runs in between, so it should be quick. One
 * that throws does not disturb the server, but Node reports what it throws as an uncaught exception.
 *
 * @publicApi
 */
export const sftpTracing = {
  /** From listening to stopped. */
  server: tracingChannel<unknown, ServerMessage>('nestjs-sftpd:server'),
  /** From a client's identification to the end of its connection. */
  connection: tracingChannel<unknown, ConnectionMessage>('nestjs-sftpd:connection'),
  /** One request to log in. */
  authentication: tracingChannel<unknown, AuthenticationMessage>('nestjs-sftpd:authentication'),
  /** One request of SFTP. */
  operation: tracingChannel<unknown, OperationMessage>('nestjs-sftpd:operation'),
} as const;

/** Whether anybody is told of a trace that begins now. */
export function isTraced<Message extends object>({
  start,
  end,
  asyncStart,
  asyncEnd,
  error,
}: TracingChannel<unknown, Message>): boolean {
  // Node 20 does not tell it of them all together.
  return (
    asyncEnd.hasSubscribers ||
    start.hasSubscribers ||
    error.hasSubscribers ||
    asyncStart.hasSubscribers ||
    end.hasSubscribers
  );
}

/** A message whose sender still writes it. */
export type Draft<Message> = { -readonly [Key in keyof Message]: Message[Key] };

/** What is told of something while it lasts. To be made only where {@link isTraced} says so. */
export class Trace<Message extends TraceMessage> {
  readonly #channel: TracingChannel<unknown, Message>;
  readonly #message: Draft<Message>;
  readonly #startedAt = performance.now();
  #over = false;

  /** @param message what is known at the beginning */
  constructor(channel: TracingChannel<unknown, Message>, message: Draft<Message>) {
    this.#channel = channel;
    this.#message = message;
    channel.start.publish(message);
    channel.end.publish(message);
  }

  /** Adds what has become known. */
  note(known: Partial<Message>): void {
    if (!this.#over) Object.assign(this.#message, known);
  }

  /**
   * Ends the trace; the first end counts.
   *
   * @param known what is known at the end; with an `error` it has failed
   */
  finish(known: Partial<Message>): void {
    if (this.#over) return;
    Object.assign(this.#message, known, { duration: performance.now() - this.#startedAt });
    this.#over = true;
    const { error, asyncStart, asyncEnd } = this.#channel;
    if (this.#message.error !== undefined) error.publish(this.#message);
    asyncStart.publish(this.#message);
    asyncEnd.publish(this.#message);
  }
}
