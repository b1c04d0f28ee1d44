import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';

import type { SftpSession } from '../../filesystem/session.js';
import type { OpenFlags } from '../../filesystem/open-file.js';
import type { ServedBackend } from '../server/served-backend.js';
import { type Operation, OPERATIONS, patternOf } from '../wire/operations.js';

/** How a message is answered; `undefined` means never. */
export type Respond = (pattern: string, data: unknown) => Promise<unknown>;

/** A transport inside one process: everything goes through JSON, as on a real one. */
export class Loopback extends ClientProxy {
  /** The patterns of all messages, in their order. */
  readonly sent: string[] = [];
  /** Requests that wait for their answer. */
  waiting = 0;
  readonly #respond: Respond;

  constructor(respond: Respond) {
    super();
    this.#respond = respond;
  }

  override connect(): Promise<void> {
    return Promise.resolve();
  }

  override close(): void {
    return undefined;
  }

  override unwrap(): never {
    throw new Error('There is nothing inside');
  }

  protected override publish(
    packet: ReadPacket,
    callback: (packet: WritePacket) => void,
  ): () => void {
    const pattern = String(packet.pattern);
    this.sent.push(pattern);
    this.waiting++;
    void this.#respond(pattern, throughJson(packet.data)).then(
      (response: unknown) => {
        callback({ response: throughJson(response), isDisposed: true });
      },
      (err: unknown) => {
        callback({ err });
      },
    );
    return () => this.waiting--;
  }

  protected override dispatchEvent<T>(): Promise<T> {
    throw new Error('There are no events');
  }
}

/** The way to a backend that is served under the usual pattern. */
export function loopbackTo(served: ServedBackend): Loopback {
  return new Loopback((pattern, data) => served.answer(operationOf(pattern), data));
}

/** The operation that a pattern of the usual prefix is for. */
export function operationOf(pattern: string): Operation {
  const found = OPERATIONS.find((operation) => pattern === patternOf('sftp-backend', operation));
  if (found === undefined) throw new Error(`No operation has the pattern ${pattern}`);
  return found;
}

/** A value after its way over a transport. */
export function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

export const SESSION: SftpSession = {
  id: 'session-1',
  username: 'anna',
  peer: { address: '192.0.2.1', port: 50022, ident: 'OpenSSH_9.2' },
  attributes: { tenant: 'north' },
};

/** Flags of an `openFile`; those that are not named are off. */
export function flags(named: Partial<OpenFlags>): OpenFlags {
  const none = { read: false, write: false, append: false, create: false, truncate: false };
  return { ...none, exclusive: false, ...named };
}
