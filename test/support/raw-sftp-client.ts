import {
  decodeReply,
  decodeVersion,
  type RawName,
  type RawReply,
  type RawVersion,
} from './raw-replies.js';
import { request as makeRequest, type RawRequest } from './raw-requests.js';
import { within, type RawTransport } from './raw-transport.js';
import { ByteReader, ByteWriter, FXP, frame, type RawAttrs, type StatusName } from './raw-wire.js';

/** The channel ended before the reply came. */
export class RawChannelEnded extends Error {
  override readonly name = 'RawChannelEnded';
}

/** How a raw client takes replies. */
export interface RawClientOptions {
  /** Take replies that nobody asked for and several with one id, as a fuzz run needs. @default false */
  readonly lenient?: boolean;
}

interface Waiter {
  resolve(reply: RawReply): void;
  reject(error: Error): void;
}

/** Longest packet a version 3 client has to take: 32768 bytes of data and its overhead, rounded up. */
const MAX_REPLY = 262_144 + 1024;

/**
 * An SFTP client that does nothing by itself: it frames requests, takes replies apart and checks that each is
 * one that version 3 allows. It shares no code with the server.
 */
export class RawSftpClient {
  /** Every reply in the order of arrival. */
  readonly arrivals: RawReply[] = [];
  /** Settles at the close of the transport with its exit status. */
  readonly closed: Promise<number | null>;

  readonly #transport: RawTransport;
  readonly #lenient: boolean;
  readonly #waiters = new Map<number, Waiter>();
  readonly #replies = new Map<number, RawReply>();
  readonly #posted = new Set<number>();
  #version: { resolve(version: RawVersion): void; reject(error: Error): void } | undefined;
  #received: Buffer = Buffer.alloc(0);
  #lastId = 0;
  #failure: Error | undefined;

  constructor(transport: RawTransport, options: RawClientOptions = {}) {
    this.#transport = transport;
    this.#lenient = options.lenient ?? false;
    this.closed = transport.closed.then((status) => {
      this.#fail(new RawChannelEnded('The server ended the channel'));
      return status;
    });
    transport.input.on('data', (chunk: Buffer) => {
      this.#take(chunk);
    });
    // writing to a channel that the server has ended is part of many tests
    transport.input.on('error', () => undefined);
    transport.output.on('error', () => undefined);
  }

  /** Sends INIT and waits for VERSION. */
  init(version = 3, trailing: Buffer = Buffer.alloc(0)): Promise<RawVersion> {
    const answer = new Promise<RawVersion>((resolve, reject) => {
      if (this.#failure) reject(this.#failure);
      this.#version = { resolve, reject };
    });
    this.sendPacket(new ByteWriter().u8(FXP.INIT).u32(version).bytes(trailing).done());
    return within(answer, 'VERSION');
  }

  /** Writes bytes as they are. */
  sendBytes(bytes: Buffer): void {
    this.#transport.output.write(bytes);
  }

  /** Frames a payload and writes it. */
  sendPacket(payload: Buffer): void {
    this.sendBytes(frame(payload));
  }

  /** The whole packet of a request, for tests that change or gather bytes. @returns its id and its bytes */
  encode(
    request: RawRequest,
    id = ++this.#lastId,
  ): { readonly id: number; readonly bytes: Buffer } {
    this.#replies.delete(id);
    this.#posted.add(id);
    const payload = new ByteWriter().u8(request.type).u32(id).bytes(request.body).done();
    return { id, bytes: frame(payload) };
  }

  /** Sends a request and does not wait. @returns its id, for {@link replyTo} */
  post(request: RawRequest, id?: number): number {
    const encoded = this.encode(request, id);
    this.sendBytes(encoded.bytes);
    return encoded.id;
  }

  /** Waits for the reply to a request. @throws RawChannelEnded when the channel ends first */
  async replyTo(id: number): Promise<RawReply> {
    const known = this.#replies.get(id);
    if (known) return known;
    if (this.#failure) throw this.#failure;
    const reply = new Promise<RawReply>((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
    });
    return within(reply, `the reply to request ${id}`);
  }

  /** Sends a request and waits for its reply. @param id instead of the next one */
  request(request: RawRequest, id?: number): Promise<RawReply> {
    return this.replyTo(this.post(request, id));
  }

  /** Sends requests without waiting in between. @returns the replies in the order of the requests */
  pipeline(requests: readonly RawRequest[]): Promise<RawReply[]> {
    const ids = requests.map((each) => this.post(each));
    return Promise.all(ids.map((id) => this.replyTo(id)));
  }

  /** The status name or the reply's kind; `CHANNEL ENDED` when the server ends the channel instead. */
  async outcome(request: RawRequest): Promise<string> {
    try {
      return outcomeOf(await this.request(request));
    } catch (error) {
      if (error instanceof RawChannelEnded) return 'CHANNEL ENDED';
      throw error;
    }
  }

  /** @returns the name of the status that answers; fails on any other reply */
  async status(request: RawRequest): Promise<StatusName> {
    return expectKind(await this.request(request), 'STATUS').status;
  }

  /** Fails unless the answer is STATUS OK. */
  async ok(request: RawRequest): Promise<void> {
    const reply = await this.request(request);
    if (outcomeOf(reply) !== 'OK') throw new Error(`Expected OK, received ${describe(reply)}`);
  }

  async handle(request: RawRequest): Promise<Buffer> {
    return expectKind(await this.request(request), 'HANDLE').handle;
  }

  async data(request: RawRequest): Promise<Buffer> {
    return expectKind(await this.request(request), 'DATA').data;
  }

  async attrs(request: RawRequest): Promise<RawAttrs> {
    return expectKind(await this.request(request), 'ATTRS').attrs;
  }

  async names(request: RawRequest): Promise<readonly RawName[]> {
    return expectKind(await this.request(request), 'NAME').names;
  }

  /** @returns a reader of the EXTENDED_REPLY's own fields */
  async extended(request: RawRequest): Promise<ByteReader> {
    return new ByteReader(expectKind(await this.request(request), 'EXTENDED_REPLY').payload);
  }

  /** Proves that the channel still answers. */
  async alive(): Promise<void> {
    await this.names(makeRequest(FXP.REALPATH, new ByteWriter().string('.')));
  }

  /** Sends EOF: the client has no more requests. */
  eof(): void {
    this.#transport.output.end();
  }

  /** Waits for the server to end the channel. @returns the exit status, `null` when there was none */
  ended(): Promise<number | null> {
    return within(this.closed, 'the end of the channel');
  }

  /** Drops the channel and waits until it is gone. */
  async destroy(): Promise<void> {
    this.#transport.destroy();
    await this.ended();
  }

  /** What the server did against the protocol, if anything. */
  get violation(): Error | undefined {
    return this.#failure instanceof RawChannelEnded ? undefined : this.#failure;
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const length = this.#received.readUInt32BE();
      if (length === 0 || length > MAX_REPLY) {
        this.#fail(new Error(`The server sent a packet with the length ${length}`));
        return;
      }
      if (this.#received.length < 4 + length) return;
      const payload = this.#received.subarray(4, 4 + length);
      this.#received = this.#received.subarray(4 + length);
      this.#dispatch(payload);
    }
  }

  #dispatch(payload: Buffer): void {
    try {
      if (payload[0] === FXP.VERSION) this.#acceptVersion(decodeVersion(payload));
      else this.#accept(decodeReply(payload));
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #acceptVersion(version: RawVersion): void {
    if (this.#version) this.#version.resolve(version);
    else if (!this.#lenient) throw new Error('VERSION came without INIT');
    this.#version = undefined;
  }

  #accept(reply: RawReply): void {
    if (!this.#lenient && !this.#posted.delete(reply.id)) {
      throw new Error(`Nothing with the id ${reply.id} was open, yet came ${describe(reply)}`);
    }
    this.arrivals.push(reply);
    this.#replies.set(reply.id, reply);
    this.#waiters.get(reply.id)?.resolve(reply);
    this.#waiters.delete(reply.id);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters.values()) waiter.reject(this.#failure);
    this.#waiters.clear();
    this.#version?.reject(this.#failure);
    this.#version = undefined;
  }
}

/** The status name of a STATUS reply, the kind of any other. */
export function outcomeOf(reply: RawReply): string {
  return reply.kind === 'STATUS' ? reply.status : reply.kind;
}

/** Narrows a reply, or fails with what came instead. */
export function expectKind<K extends RawReply['kind']>(
  reply: RawReply,
  kind: K,
): Extract<RawReply, { kind: K }> {
  if (!isKind(reply, kind)) throw new Error(`Expected ${kind}, received ${describe(reply)}`);
  return reply;
}

function isKind<K extends RawReply['kind']>(
  reply: RawReply,
  kind: K,
): reply is Extract<RawReply, { kind: K }> {
  return reply.kind === kind;
}

function describe(reply: RawReply): string {
  return reply.kind === 'STATUS' ? `STATUS ${reply.status} (${reply.message})` : reply.kind;
}
