import type { Duplex } from 'node:stream';

import type { Log } from '../events/log.js';
import type { RandomAccessBackend } from '../filesystem/backend.js';
import { SftpError } from '../filesystem/sftp-error.js';
import type { SftpSession } from '../filesystem/session.js';
import { MAX_PACKET_LENGTH } from '../protocol/constants.js';
import { EXTENSION_VERSIONS } from '../protocol/extensions.js';
import { PacketAssembler } from '../protocol/packet-assembler.js';
import { MalformedPacketError, RequestRefusedError } from '../protocol/protocol-errors.js';
import { statusReply, versionPacket } from '../protocol/replies.js';
import { decodeInit, decodeRequest, type SftpRequest } from '../protocol/requests.js';
import { extensionsOf } from './capabilities.js';
import type { BufferPool } from './buffer-pool.js';
import type { BackendTimeouts, ChannelContext } from './channel-context.js';
import { clientQuirks } from './client-quirks.js';
import { answerFailure } from './failed-request.js';
import type { FileHandle } from './file-handle.js';
import { type Handle, HandleTable } from './handle-table.js';
import { prepareRequest } from './handlers/handlers.js';
import type { Prepared } from './handlers/prepared.js';
import { Outbox } from './outbox.js';
import { ReplyQueue, type ReplySlot } from './reply-queue.js';
import { RequestOrder } from './request-order.js';
import type { SessionUploads } from './session-uploads.js';
import { isPromiseLike } from './time-limit.js';

/** What one request occupies at the least, in bytes; it bounds the number of requests in flight. */
const REQUEST_OVERHEAD = 4096;

/** The duplex stream of an SSH channel, with what ends it as `sftp` expects (RFC 4254, section 6.10). */
export interface ChannelStream extends Duplex {
  exit(status: number): void;
}

/** How far a channel has come with its replies, in bytes. */
export interface Outgoing {
  /** What has left, since the beginning. */
  readonly sent: number;
  /** What has been asked for and has not left: replies that wait, and the content that READs may give. */
  readonly pending: number;
}

/** What a channel serves, and within which bounds. */
export interface SftpChannelOptions {
  readonly session: SftpSession;
  readonly backend: RandomAccessBackend;
  /** Shared by the channels of the session. */
  readonly uploads: SessionUploads;
  readonly timeouts: BackendTimeouts;
  /** Open handles at once. */
  readonly maxHandles: number;
  /** Permission bits that new files and directories do not get. */
  readonly umask: number;
  /** Bytes of requests being served and of replies not yet sent, above which no more is taken in. */
  readonly maxBufferedBytes: number;
  /** Whether what is below the channel, or its client, has fallen behind. */
  readonly congested: (outgoing: Outgoing) => boolean;
  /** The server's buffers for replies. */
  readonly buffers: BufferPool;
  /** Told before something is written, so that what is written in one turn can leave together. */
  readonly beforeSend: () => void;
  readonly log: Log;
}

/**
 * One SFTP channel: takes requests in, has them served in an order that keeps their meaning, and sends the
 * replies. It takes in only as much as it has room for; the rest waits in the SSH window, and so at the client.
 */
export class SftpChannel {
  /** Settles when the channel is over and each of its files has been committed or let go. */
  readonly closed: Promise<void>;
  /** When the last byte came or went, as `Date.now()` gives it. */
  lastActivity = Date.now();

  readonly #stream: ChannelStream;
  readonly #log: Log;
  readonly #maxBufferedBytes: number;
  readonly #congested: (outgoing: Outgoing) => boolean;
  readonly #beforeSend: () => void;
  readonly #assembler: PacketAssembler;
  readonly #order = new RequestOrder();
  readonly #replies: ReplyQueue;
  readonly #outbox: Outbox;
  readonly #handles: HandleTable;
  readonly #context: ChannelContext;
  readonly #ended = new AbortController();
  readonly #abandoned = new AbortController();

  #negotiated = false;
  #inputEnded = false;
  #peerGone = false;
  #pumping = false;
  #requests = 0;
  /** Bytes of requests being served, and of replies that wait for their turn. */
  #heldBytes = 0;
  /** Those of them that READs being served may give. */
  #promisedBytes = 0;
  /** Opens and commits under way, which have to come to their ends even when the channel is over. */
  readonly #endings = new Set<Promise<unknown>>();
  readonly #quietWaiters: (() => void)[] = [];
  #resolveClosed: () => void = () => undefined;

  constructor(stream: ChannelStream, options: SftpChannelOptions) {
    const { session, backend, uploads } = options;
    const quirks = clientQuirks(session.peer.ident);
    this.#stream = stream;
    this.#log = options.log;
    this.#maxBufferedBytes = options.maxBufferedBytes;
    this.#congested = options.congested;
    this.#beforeSend = options.beforeSend;
    this.#assembler = new PacketAssembler(MAX_PACKET_LENGTH, (length) =>
      options.buffers.take(length),
    );
    this.#handles = new HandleTable(options.maxHandles, uploads);
    this.#outbox = new Outbox(stream, (packet) => {
      options.buffers.give(packet);
      this.#pump();
    });
    this.#replies = new ReplyQueue((packet) => {
      this.#send(packet);
    }, quirks.inOrderReplies);
    this.#context = {
      session,
      backend,
      extensions: extensionsOf(backend),
      handles: this.#handles,
      uploads,
      quirks,
      timeouts: options.timeouts,
      maxHandles: options.maxHandles,
      umask: options.umask,
      buffers: options.buffers,
      log: options.log,
      ended: this.#ended.signal,
      abandoned: this.#abandoned.signal,
      endings: this.#endings,
    };
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#listen();
  }

  /** Whether the backend is at work for this channel; then it is not idle, however long that takes. */
  get working(): boolean {
    return this.#requests > 0;
  }

  /** Bytes that have come and have not been taken in; a client that keeps to its window stays below 4 MiB. */
  get unreadBytes(): number {
    return this.#stream.readableLength;
  }

  /** Settles when nothing is open or under way and every reply has been sent, or the channel is over. */
  whenQuiet(): Promise<void> {
    if (this.#quiet) return Promise.resolve();
    return new Promise((resolve) => this.#quietWaiters.push(resolve));
  }

  /** To be called when what is below the channel has caught up with sending. */
  resume(): void {
    this.#pump();
  }

  /**
   * To be called when the client has closed the channel or its connection is lost: what has come is still
   * served, but nobody waits for the replies.
   */
  peerGone(): void {
    if (this.#peerGone) return;
    this.#peerGone = true;
    this.#abandoned.abort();
    this.#outbox.abandon();
    this.#pump();
  }

  /** Ends the channel now: what is open is aborted. */
  terminate(reason: string): void {
    this.#end(1, reason);
  }

  get #over(): boolean {
    return this.#ended.signal.aborted;
  }

  get #quiet(): boolean {
    const quiet = this.#requests === 0 && this.#bufferedBytes === 0 && !this.#handles.busy;
    return quiet || this.#over;
  }

  get #outgoing(): Outgoing {
    return { sent: this.#outbox.sentBytes, pending: this.#outbox.bytes + this.#promisedBytes };
  }

  get #bufferedBytes(): number {
    return this.#heldBytes + this.#outbox.bytes;
  }

  #listen(): void {
    this.#stream
      .on('data', (chunk: Buffer) => {
        if (this.#over) return;
        this.lastActivity = Date.now();
        this.#assembler.push(chunk);
        this.#pump();
      })
      .on('end', () => {
        this.#inputEnded = true;
        this.#pump();
      })
      .on('close', () => {
        this.#inputEnded = true;
        this.peerGone();
        this.#pump();
      })
      .on('error', (error: Error) => {
        this.#log.debug(`The channel failed: ${error.message}`);
        this.peerGone();
      });
  }

  /** Takes in what there is room for. */
  #pump(): void {
    if (this.#pumping || this.#over) return;
    this.#takeIn();
    this.#goOn();
  }

  /** Tells whoever waits, and lets more come or not. */
  #goOn(): void {
    if (this.#quiet) for (const resolve of this.#quietWaiters.splice(0)) resolve();
    if (this.#over) return;
    if (this.#hasRoom()) {
      this.#stream.resume();
      this.#endWhenDone();
    } else {
      this.#stream.pause();
    }
  }

  #takeIn(): void {
    this.#pumping = true;
    try {
      while (this.#hasRoom()) {
        const packet = this.#assembler.next();
        if (packet === undefined) break;
        this.#accept(packet);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#pumping = false;
    }
  }

  #hasRoom(): boolean {
    return (
      this.#bufferedBytes < this.#maxBufferedBytes &&
      (this.#peerGone || !this.#congested(this.#outgoing)) &&
      !this.#over
    );
  }

  #accept(packet: Buffer): void {
    if (!this.#negotiated) {
      this.#negotiate(packet);
      return;
    }
    const cost = REQUEST_OVERHEAD + packet.length;
    let request: SftpRequest;
    try {
      request = decodeRequest(packet);
    } catch (error) {
      if (!(error instanceof RequestRefusedError)) throw error;
      this.#log.debug(`A request was refused: ${error.message}`);
      this.#begin(cost);
      this.#reply(
        this.#replies.reserve(),
        cost,
        statusReply(error.id, error.status, error.message),
      );
      return;
    }
    this.#serve(request, cost, packet);
  }

  /** Room for the content that a request asks for, in bytes. */
  #replyRoom({ body }: SftpRequest): number {
    return body.type === 'read' ? Math.min(body.length, this.#context.quirks.maxDataLength) : 0;
  }

  #negotiate(packet: Buffer): void {
    if (decodeInit(packet) === undefined) {
      throw new MalformedPacketError('The first packet is not INIT');
    }
    this.#negotiated = true;
    const extensions = [...this.#context.extensions].map(
      (name) => [name, EXTENSION_VERSIONS[name]] as const,
    );
    const version = versionPacket(extensions);
    this.#heldBytes += version.length;
    this.#send(version);
  }

  /** @param packet goes back to the pool when the backend has done with what it holds */
  #serve(request: SftpRequest, requestCost: number, packet: Buffer): void {
    const promised = this.#replyRoom(request);
    const cost = requestCost + promised;
    const place = this.#replies.reserve();
    const slot: ReplySlot = (reply) => {
      this.#promisedBytes -= promised;
      place(reply);
    };
    this.#promisedBytes += promised;
    this.#begin(cost);
    let prepared: Prepared;
    try {
      prepared = prepareRequest(this.#context, request);
    } catch (error) {
      this.#reply(slot, cost, answerFailure(request, error, this.#log));
      return;
    }
    this.#order.run(prepared.claims, () => {
      try {
        if (this.#over) throw new SftpError('EIO', 'The channel is closed');
        const outcome = prepared.run();
        if (isPromiseLike(outcome)) {
          return outcome
            .then(
              (reply) => {
                this.#context.buffers.give(packet);
                this.#reply(slot, cost, reply);
              },
              (error: unknown) => {
                this.#reply(slot, cost, answerFailure(request, error, this.#log));
              },
            )
            .then(undefined, (error: unknown) => {
              this.#fail(error);
            });
        }
        this.#context.buffers.give(packet);
        this.#reply(slot, cost, outcome);
      } catch (error) {
        this.#reply(slot, cost, answerFailure(request, error, this.#log));
      }
      return undefined;
    });
  }

  #begin(cost: number): void {
    this.#requests++;
    this.#heldBytes += cost;
  }

  #reply(slot: ReplySlot, cost: number, packet: Buffer): void {
    this.#requests--;
    this.#heldBytes += packet.length - cost;
    slot(packet);
    this.#pump();
  }

  #send(packet: Buffer): void {
    this.lastActivity = Date.now();
    this.#heldBytes -= packet.length;
    if (this.#over) return;
    this.#beforeSend();
    this.#outbox.send(packet);
  }

  #fail(error: unknown): void {
    if (error instanceof MalformedPacketError) {
      this.#log.warn(`The channel is closed for a malformed packet: ${error.message}`);
    } else {
      this.#log.error(
        'The channel is closed for an internal error',
        error instanceof Error ? error.stack : String(error),
      );
    }
    this.#end(1, 'a protocol error');
  }

  /** A client that has sent EOF waits for the server to close: once all is answered and sent. */
  #endWhenDone(): void {
    if (!this.#inputEnded || this.#requests > 0) return;
    if (this.#bufferedBytes > 0) return;
    if (this.#assembler.partial) this.#log.debug('The last packet was cut off');
    this.#end(0, 'the client has left');
  }

  #end(status: number, reason: string): void {
    if (this.#over) return;
    this.#ended.abort();
    this.#abandoned.abort();
    for (const resolve of this.#quietWaiters.splice(0)) resolve();
    this.#stream.resume();
    if (!this.#peerGone) {
      this.#stream.exit(status);
      this.#stream.end();
    }
    void this.#letGo(this.#handles.removeAll(), reason);
  }

  async #letGo(handles: readonly Handle[], reason: string): Promise<void> {
    await Promise.all(
      handles.map((handle) =>
        handle.kind === 'file' ? this.#abort(handle, reason) : handle.close(),
      ),
    );
    await Promise.allSettled(this.#endings);
    this.#resolveClosed();
  }

  async #abort(handle: FileHandle, reason: string): Promise<void> {
    const failure = await handle.abort();
    const path = JSON.stringify(handle.path);
    if (handle.flags.write) this.#log.warn(`The upload of ${path} is aborted: ${reason}`);
    if (failure) {
      this.#log.error(`${path} could not be let go: ${failure.message}`, failure.stack);
    }
  }
}
