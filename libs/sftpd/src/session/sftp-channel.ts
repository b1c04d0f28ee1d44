import type { Log } from '../events/log.js';
import type { UploadAbortReason } from '../events/storage-events.js';
import { SftpError } from '../filesystem/sftp-error.js';
import { DATA_OVERHEAD } from '../protocol/constants.js';
import { EXTENSION_VERSIONS } from '../protocol/extensions.js';
import { MAX_PAGE_BYTES } from '../protocol/name-page.js';
import { PacketAssembler } from '../protocol/packet-assembler.js';
import { MalformedPacketError, RequestRefusedError } from '../protocol/protocol-errors.js';
import { statusReply, versionPacket } from '../protocol/replies.js';
import { decodeInit, decodeRequest, type SftpRequest } from '../protocol/requests.js';
import { extensionsOf } from './capabilities.js';
import { ChannelAccount } from './channel-account.js';
import type { ChannelContext } from './channel-context.js';
import { limitsOfSession } from './channel-limits.js';
import { clientQuirks } from './client-quirks.js';
import { answerFailure } from './failed-request.js';
import { HandleTable } from './handle-table.js';
import { prepareRequest } from './handlers/handlers.js';
import type { Prepared } from './handlers/prepared.js';
import { letGo } from './let-go.js';
import { LimitRefusals } from './limit-refusals.js';
import { traceOperation, type OperationTrace } from './operation-trace.js';
import { Outbox } from './outbox.js';
import { ReplyQueue, type ReplySlot } from './reply-queue.js';
import { RequestOrder } from './request-order.js';
import { RoundTrip } from './round-trip.js';
import type { ChannelStream, SftpChannelOptions } from './sftp-channel-options.js';
import { isPromiseLike } from './time-limit.js';

/** Requests that change nothing. */
const ONLY_ASKS: ReadonlySet<SftpRequest['body']['type']> = new Set([
  'read',
  'readdir',
  'stat',
  'lstat',
  'fstat',
  'realpath',
  'readlink',
  'opendir',
]);

/** What one request occupies at the least, in bytes; it bounds the number of requests in flight. */
const REQUEST_OVERHEAD = 4096;

/**
 * One SFTP channel: takes requests in, has them served in an order that keeps their meaning, and sends the
 * replies. It takes in only as much as it has room for; the rest waits in the SSH window, and so at the client.
 */
export class SftpChannel {
  /** Settles when the channel is over and each of its files has been committed or let go. */
  readonly closed: Promise<void>;
  /** When the last byte came or went, as `Date.now()` gives it. */
  lastActivity = Date.now();
  /** Requests that have been taken in. */
  received = 0;
  /** Bytes that have come. */
  receivedBytes = 0;

  readonly #stream: ChannelStream;
  readonly #log: Log;
  readonly #congested: SftpChannelOptions['congested'];
  readonly #beforeSend: () => void;
  readonly #onRefusal: SftpChannelOptions['onRefusal'];
  readonly #limitRefusals: LimitRefusals;
  readonly #account: ChannelAccount;
  readonly #assembler: PacketAssembler;
  readonly #order = new RequestOrder();
  readonly #roundTrip = new RoundTrip();
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
  /** Opens and commits under way, which have to come to their ends even when the channel is over. */
  readonly #endings = new Set<Promise<unknown>>();
  readonly #quietWaiters: (() => void)[] = [];
  #resolveClosed: () => void = () => undefined;

  constructor(stream: ChannelStream, options: SftpChannelOptions) {
    const { session, backend, uploads } = options;
    const quirks = clientQuirks(session.peer.ident);
    const limits = limitsOfSession(options.limits, session.limits);
    this.#stream = stream;
    this.#log = options.log;
    this.#account = new ChannelAccount(limits, options.budget);
    this.#congested = options.congested;
    this.#beforeSend = options.beforeSend;
    this.#onRefusal = options.onRefusal;
    this.#limitRefusals = new LimitRefusals(options.onRefusal, options.log);
    this.#assembler = new PacketAssembler(limits.maxPacketBytes, (length) =>
      options.buffers.take(length),
    );
    this.#handles = new HandleTable(limits.maxHandles, uploads);
    this.#outbox = new Outbox(stream, (packet) => {
      this.#account.release(packet.length);
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
      hooks: options.hooks,
      quirks,
      timeouts: options.timeouts,
      limits,
      maxDataBytes: Math.min(quirks.maxDataLength, limits.maxPacketBytes - DATA_OVERHEAD),
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
    return this.#account.requests > 0;
  }

  /** Bytes that have come and have not been taken in; a client that keeps to its window stays below 4 MiB. */
  get unreadBytes(): number {
    return this.#stream.readableLength;
  }

  /** Bytes that have come until now, taken in or not. */
  get arrivedBytes(): number {
    return this.receivedBytes + this.#stream.readableLength;
  }

  /** Those of them that have been taken in: the memory in which they came is not looked at any more. */
  get takenBytes(): number {
    return this.receivedBytes - this.#assembler.unread;
  }

  /** Whether it has bytes that it has not taken in, in the memory in which they came. */
  get holdsInput(): boolean {
    return this.takenBytes < this.arrivedBytes;
  }

  /** Least time that the client has taken to answer, in milliseconds; `undefined` when that is not known. */
  get roundTrip(): number | undefined {
    return this.#roundTrip.least;
  }

  /** Settles when nothing is open or under way and every reply has been sent, or the channel is over. */
  whenQuiet(): Promise<void> {
    if (this.#quiet) return Promise.resolve();
    return new Promise((resolve) => this.#quietWaiters.push(resolve));
  }

  /** To be called when what is below the channel has caught up with sending, and when there is memory again. */
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
    this.#account.release(this.#outbox.abandon());
    this.#pump();
  }

  /** Ends the channel now: what is open is aborted. */
  terminate(reason: string): void {
    this.#end(1, reason, 'terminated');
  }

  get #over(): boolean {
    return this.#ended.signal.aborted;
  }

  get #quiet(): boolean {
    return this.#over || (this.#answered && !this.#handles.busy);
  }

  /** Whether all that has been taken in is answered, and the answers have left. */
  get #answered(): boolean {
    return this.#account.requests === 0 && this.#account.bytes === 0;
  }

  #listen(): void {
    this.#stream
      .on('data', (chunk: Buffer) => {
        if (this.#over) return;
        this.lastActivity = Date.now();
        this.receivedBytes += chunk.length;
        this.#roundTrip.came();
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
    this.#account.waiting(this.unreadBytes + this.#assembler.bytes);
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
    if (this.#over || !this.#account.hasRoom) return false;
    if (!this.#peerGone && this.#isCongested()) return false;
    return this.#account.admits(this);
  }

  #isCongested(): boolean {
    const pending = this.#outbox.bytes + this.#account.promisedBytes;
    return this.#congested(this.#outbox.sentBytes, pending);
  }

  #accept(packet: Buffer): void {
    if (!this.#negotiated) {
      this.#negotiate(packet);
      return;
    }
    this.received += 1;
    const cost = REQUEST_OVERHEAD + packet.length;
    let request: SftpRequest;
    try {
      request = decodeRequest(packet);
    } catch (error) {
      if (!(error instanceof RequestRefusedError)) throw error;
      this.#log.debug(`A request was refused: ${error.message}`);
      this.#account.begin(cost, 0);
      const refusal = statusReply(error.id, error.status, error.message);
      this.#reply(this.#replies.reserve(), cost, 0, refusal);
      return;
    }
    const { type } = request.body;
    // Of these a client may send many without waiting for a reply.
    if (type === 'read' || type === 'write') this.#roundTrip.close();
    // Nobody waits for what it would tell.
    if (this.#peerGone && ONLY_ASKS.has(type)) this.#context.buffers.give(packet);
    else this.#serve(request, cost, packet);
  }

  /** Room for the content that a request asks for, in bytes. */
  #replyRoom({ body }: SftpRequest): number {
    if (body.type === 'read') return Math.min(body.length, this.#context.maxDataBytes);
    return body.type === 'readdir' ? MAX_PAGE_BYTES : 0;
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
    this.#account.hold(version.length);
    this.#send(version);
  }

  /** @param packet goes back to the pool when the backend has done with what it holds */
  #serve(request: SftpRequest, cost: number, packet: Buffer): void {
    const promised = this.#replyRoom(request);
    const slot = this.#replies.reserve();
    this.#account.begin(cost, promised);
    const trace = traceOperation(this.#context, request);
    let prepared: Prepared;
    try {
      prepared = prepareRequest(this.#context, request);
    } catch (error) {
      this.#reply(slot, cost, promised, this.#failure(request, error, trace));
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
                trace?.done(reply);
                this.#reply(slot, cost, promised, reply);
              },
              (error: unknown) => {
                this.#reply(slot, cost, promised, this.#failure(request, error, trace));
              },
            )
            .then(undefined, (error: unknown) => {
              this.#fail(error);
            });
        }
        this.#context.buffers.give(packet);
        trace?.done(outcome);
        this.#reply(slot, cost, promised, outcome);
      } catch (error) {
        this.#reply(slot, cost, promised, this.#failure(request, error, trace));
      }
      return undefined;
    });
  }

  #failure(request: SftpRequest, error: unknown, trace: OperationTrace | undefined): Buffer {
    trace?.failed(error);
    this.#limitRefusals.notice(error);
    return answerFailure(request, error, this.#log);
  }

  #reply(slot: ReplySlot, cost: number, promised: number, packet: Buffer): void {
    this.#account.finish(cost, promised, packet.length);
    slot(packet);
    this.#pump();
  }

  #send(packet: Buffer): void {
    this.lastActivity = Date.now();
    if (this.#over || this.#peerGone) {
      this.#account.release(packet.length);
      return;
    }
    this.#beforeSend();
    this.#outbox.send(packet);
    if (this.#account.requests === 0) this.#roundTrip.replied();
  }

  #fail(error: unknown): void {
    if (error instanceof MalformedPacketError) {
      this.#log.warn(`The channel is closed for a malformed packet: ${error.message}`);
      this.#onRefusal('protocol');
    } else {
      this.#log.error(
        'The channel is closed for an internal error',
        error instanceof Error ? error.stack : String(error),
      );
    }
    this.#end(1, 'a protocol error', 'terminated');
  }

  /** A client that has sent EOF waits for the server to close: once all is answered and sent. */
  #endWhenDone(): void {
    if (!this.#inputEnded || !this.#answered) return;
    if (this.#assembler.partial) this.#log.debug('The last packet was cut off');
    this.#end(0, 'the client has left');
  }

  #end(status: number, reason: string, how: UploadAbortReason = 'disconnected'): void {
    if (this.#over) return;
    this.#ended.abort();
    this.#abandoned.abort();
    this.#account.close(this);
    for (const resolve of this.#quietWaiters.splice(0)) resolve();
    this.#stream.resume();
    if (!this.#peerGone) {
      this.#stream.exit(status);
      this.#stream.end();
    }
    void this.#settle({ how, reason });
  }

  async #settle(end: { how: UploadAbortReason; reason: string }): Promise<void> {
    await letGo(this.#handles.removeAll(), end, this.#log);
    await Promise.allSettled(this.#endings);
    this.#resolveClosed();
  }
}
