import type { Socket } from 'node:net';

import type { Connection as SshConnection } from 'ssh2';

import type { Log } from '../events/log.js';
import type { RefusalReason } from '../events/connection-events.js';
import { prefixedLog } from '../events/prefixed-log.js';
import type { SftpPeer, SftpSession } from '../filesystem/session.js';
import { ByteBudget } from '../session/byte-budget.js';
import { ByteLevel } from '../session/byte-level.js';
import { ownLimit } from '../session/channel-limits.js';
import type { Guest } from './admission/guest.js';
import { Authentication } from './authentication/authentication.js';
import { quoted } from '../events/printable.js';
import { allowsSha1Signatures } from './algorithms.js';
import type { BusyPoll, BusyPollConnection } from './busy-poll.js';
import { traceConnection } from './connection-trace.js';
import { isKeepAliveTimeout } from './keep-alive.js';
import { ConnectionTally } from './connection-tally.js';
import { Rekeying } from './rekeying.js';
import type { LiveSession, LiveTransfer } from './live-sessions.js';
import type { Transfer } from '../session/hooks/transfer.js';
import type { ServerOptions } from './server-options.js';
import { SessionChannels } from './session-channels.js';
import { SocketReader } from './socket-reader.js';
import { holdsPartOf, mendSignatureAlgorithms, watchMessages } from './ssh2-internals.js';
import type { WindowBudget } from './window-budget.js';

/** What waits in a socket to be sent, in bytes, above which its channels take in no more. */
const MAX_UNSENT_BYTES = 1024 * 1024;

/** What may wait in a socket, in bytes, before nothing more is read from it: more than channels ever let wait. */
const MAX_UNREAD_ANSWERS = 4 * 1024 * 1024;

/** Milliseconds that a peer gets to close its side before its socket is destroyed. */
const GOODBYE_TIMEOUT = 1000;

/** What ssh2 gives for one connection, and who is at its other end. */
export interface ConnectionParts {
  readonly id: string;
  readonly client: SshConnection;
  readonly socket: Socket;
  readonly peer: SftpPeer;
  /** The server's memory for all its connections. */
  readonly budget: ByteBudget;
  /** The same of the windows of all its channels. */
  readonly windows: WindowBudget;
  /** The server's. */
  readonly busyPoll: BusyPoll;
  /** Who counts its sessions and its failures to log in. */
  readonly guest: Pick<Guest, 'admitUser' | 'logInFailed' | 'loggedIn'>;
}

/** One SSH connection that has identified itself: its authentication, its session and its channels. */
export class Connection {
  /** Settles when the connection is closed, all that it had open is committed or let go, and this has been told. */
  readonly closed: Promise<void>;

  readonly #id: string;
  readonly #client: SshConnection;
  readonly #socket: Socket;
  readonly #peer: SftpPeer;
  readonly #guest: ConnectionParts['guest'];
  readonly #options: ServerOptions;
  readonly #log: Log;
  readonly #channels: SessionChannels;
  readonly #budget: ByteBudget;
  readonly #unsent: ByteLevel;
  readonly #rekeying: Rekeying;
  readonly #trace: ReturnType<typeof traceConnection>;
  readonly #tally = new ConnectionTally();
  readonly #reader: SocketReader;
  readonly #busyPoll: BusyPollConnection;
  #session: SftpSession | undefined;
  #openedAt = 0;
  #resolveClosed: () => void = () => undefined;
  #unsentBytes = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #goodbyeTimer: NodeJS.Timeout | undefined;
  #gathering = false;

  constructor(parts: ConnectionParts, options: ServerOptions) {
    this.#id = parts.id;
    this.#client = parts.client;
    this.#socket = parts.socket;
    this.#peer = parts.peer;
    this.#guest = parts.guest;
    this.#options = options;
    this.#log = prefixedLog(options.log, parts.id);
    this.#busyPoll = parts.busyPoll.connection();
    this.#trace = traceConnection(parts.id, parts.peer, parts.socket);
    this.#budget = new ByteBudget(options.limits.maxBufferedBytesPerConnection, parts.budget);
    this.#unsent = new ByteLevel(this.#budget);
    this.#channels = new SessionChannels(
      {
        client: parts.client,
        peer: parts.peer,
        budget: this.#budget,
        windows: parts.windows,
        // While keys are exchanged, what is sent waits in ssh2, which has no bound.
        congested: () => this.#socket.writableLength > MAX_UNSENT_BYTES || this.#rekeying.underWay,
        beforeSend: () => {
          this.#gatherWrites();
        },
        onRefusal: (reason) => {
          this.#tellRefusal(reason);
        },
        log: this.#log,
      },
      options,
    );
    this.#rekeying = new Rekeying({
      client: parts.client,
      socket: parts.socket,
      bytes: options.limits.rekeyBytes,
      interval: options.timeouts.rekey,
      timeout: options.timeouts.keyExchange,
      lastActivity: () => this.#channels.movedAt,
      onDone: () => {
        this.#log.debug('The connection has new keys');
        this.#tally.keyExchange();
        this.#resumeChannels();
      },
      onTimeout: () => {
        const limit = options.timeouts.keyExchange;
        this.#cutOff(
          'keyExchangeTimeout',
          `no new keys within ${limit} ms (option keyExchangeTimeout)`,
        );
      },
    });
    this.#reader = new SocketReader({
      socket: parts.socket,
      buffers: options.buffers,
      backedUp: () => this.#channels.holdInput,
      inputMark: () => this.#channels.inputMark(),
      kept: (memory) => holdsPartOf(parts.client, memory),
    });
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#listen();
  }

  /**
   * Lets running transfers come to their ends, then closes the connection. Nothing new may begin.
   */
  async drain(): Promise<void> {
    await this.#channels.drain();
    this.#hangUp();
  }

  /** Ends the connection now: what is open is aborted, and the client is told goodbye. */
  terminate(reason: string): void {
    this.#channels.terminate(reason);
    this.#hangUp();
  }

  /** What the client is doing at this moment; nothing before it has logged in. */
  live(): LiveSession | undefined {
    if (this.#session === undefined || this.#openedAt === 0) return undefined;
    return {
      session: this.#session,
      since: new Date(this.#openedAt),
      lastActivity: new Date(this.#channels.movedAt),
      bytesIn: this.#socket.bytesRead,
      bytesOut: this.#socket.bytesWritten,
      transfers: this.#channels.transfers.map(liveTransfer),
    };
  }

  #listen(): void {
    const { authenticator, limits, algorithms, events } = this.#options;
    const sha1Signatures = allowsSha1Signatures(algorithms);
    mendSignatureAlgorithms(this.#client, sha1Signatures);
    const { address, port } = this.#peer;
    const authentication = new Authentication({
      client: this.#client,
      authenticator,
      connectionId: this.#id,
      peer: this.#peer,
      maxAttempts: limits.maxAuthAttempts,
      sha1Signatures,
      log: this.#log,
      admit: ({ username, limits: ownLimits }) => this.#guest.admitUser(username, ownLimits),
      onSuccess: (login) => {
        this.#session = { id: this.#id, peer: this.#peer, ...login };
      },
      onFailure: ({ guess, ...attempt }) => {
        if (guess) this.#guest.logInFailed(attempt.username, attempt.method);
        events.emit('auth.failed', { connectionId: this.#id, address, port, ...attempt });
      },
      disconnect: (reason) => {
        if (reason !== undefined) this.#tellRefusal(reason);
        this.#hangUp();
      },
    });
    const watched = watchMessages(this.#client, (type) => {
      this.#tally.message(type);
      this.#reader.message(type);
    });
    this.#client
      .on('ready', () => {
        this.#guest.loggedIn(this.#session?.username ?? '');
        this.#trace?.loggedIn(this.#session);
        this.#tellOpened();
        this.#rekeying.start();
        this.#watchIdleness();
        if (watched) this.#reader.start();
      })
      .on('session', (accept, reject) => {
        this.#channels.open(this.#session, accept, reject);
      })
      .on('error', (error: Error) => {
        this.#trace?.failed(error);
        if (isKeepAliveTimeout(error)) {
          this.#cutOff('keepAlive', 'the client does not answer (option keepAliveInterval)');
          return;
        }
        if (isProtocolFailure(error)) {
          this.#cutOff('protocol', `the client does not keep to SSH: ${quoted(error.message)}`);
          return;
        }
        this.#log.debug(`The connection failed: ${quoted(error.message)}`);
        this.#hangUp();
      })
      .on('close', () => {
        authentication.close();
        this.#onClose();
      });
    this.#socket
      // Before ssh2 looks at what has come, so that all its answers leave together.
      .prependListener('data', () => {
        this.#holdBack();
        this.#gatherWrites();
        this.#enforceWindows();
      })
      // After ssh2, which may have been told that the client has consumed something.
      .on('data', (chunk: Buffer) => {
        this.#rekeying.check();
        this.#resumeChannels();
        this.#channels.adjustWindows();
        this.#busyPoll.came(chunk.length);
      })
      .on('drain', () => {
        this.#socket.resume();
        this.#rekeying.check();
        this.#resumeChannels();
      });
  }

  /** ssh2 answers whatever comes, also a client that reads no answers. */
  #holdBack(): void {
    if (this.#socket.writableLength > MAX_UNREAD_ANSWERS) this.#socket.pause();
  }

  #resumeChannels(): void {
    this.#countUnsent();
    this.#channels.resume();
  }

  #tellRefusal(reason: RefusalReason): void {
    this.#options.events.emit('connection.refused', {
      connectionId: this.#id,
      address: this.#peer.address,
      port: this.#peer.port,
      username: this.#session?.username,
      reason,
    });
  }

  /** Ends a connection that has come to one of the server's limits. */
  #cutOff(reason: RefusalReason, why: string): void {
    this.#channels.terminate('the server has cut the connection off');
    this.#log.warn(`Disconnected: ${why}`);
    this.#tellRefusal(reason);
    this.#hangUp();
  }

  /** Says goodbye; a peer that does not close its side then is not waited for. */
  #hangUp(): void {
    this.#rekeying.stop();
    this.#client.end();
    this.#goodbyeTimer ??= setTimeout(() => {
      this.#socket.destroy();
    }, GOODBYE_TIMEOUT).unref();
  }

  #onClose(): void {
    this.#rekeying.stop();
    this.#reader.stop();
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#goodbyeTimer);
    this.#channels.peerGone();
    // What is still at work in the backend must not keep anything of the server's for ever.
    void this.#channels.settled().then(() => {
      this.#budget.close();
      this.#tellClosed();
      this.#resolveClosed();
    });
    this.#trace?.closed();
    this.#summarise();
  }

  /** One line for each session. Of those that never log in everybody can make as many as he likes. */
  #summarise(): void {
    const { line, unusual } = this.#tally.summary({
      username: this.#session?.username,
      ...this.#channels.used,
      bytesIn: this.#socket.bytesRead,
      bytesOut: this.#socket.bytesWritten - this.#unsentBytes,
      unsentBytes: this.#unsentBytes,
    });
    if (this.#openedAt > 0 || unusual) this.#log.log(line);
    else this.#log.debug(line);
  }

  #tellOpened(): void {
    if (this.#session === undefined) return;
    this.#openedAt = Date.now();
    this.#options.events.emit('session.opened', { session: this.#session });
  }

  #tellClosed(): void {
    if (this.#openedAt === 0 || this.#session === undefined) return;
    const duration = Date.now() - this.#openedAt;
    this.#options.events.emit('session.closed', { session: this.#session, duration });
  }

  /** ssh2 keeps whatever a client sends, beyond the window too (ssh2#1505). */
  #enforceWindows(): void {
    if (!this.#channels.overrun) return;
    this.#log.warn('Disconnected: the client sends more than the window allows');
    this.#tellRefusal('protocol');
    this.#channels.terminate('the client sends more than the window allows');
    this.#socket.destroy();
  }

  /** What is sent in one turn of the event loop leaves with one system call. */
  #gatherWrites(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#gathering = false;
      this.#socket.uncork();
      this.#busyPoll.answered(this.#socket.bytesWritten);
      this.#countUnsent();
    });
  }

  /** What channels have sent waits in the socket when the client does not read. */
  #countUnsent(): void {
    if (!this.#socket.destroyed) this.#unsentBytes = this.#socket.writableLength;
    this.#unsent.set(this.#socket.destroyed ? 0 : this.#unsentBytes);
  }

  /** Ends a connection on which nothing has moved for too long; work under way is not idleness. */
  #watchIdleness(): void {
    const limit = ownLimit(this.#session?.limits?.idleTimeout, this.#options.timeouts.idle);
    const left = this.#channels.working ? limit : this.#channels.movedAt + limit - Date.now();
    if (left <= 0) {
      this.#log.log(`Disconnected after ${limit} ms without activity (option idleTimeout)`);
      this.#tellRefusal('idleTimeout');
      this.terminate('nothing has moved for too long');
      return;
    }
    this.#idleTimer = setTimeout(() => {
      this.#watchIdleness();
    }, left);
  }
}

function liveTransfer({ kind, about, since, bytes }: Transfer): LiveTransfer {
  const { transferId: id, path, backend } = about;
  const seconds = Math.max((Date.now() - since) / 1000, 0.001);
  return { id, kind, path, backend, since: new Date(since), bytes, rate: bytes / seconds };
}

/**
 * Whether ssh2 has ended a connection for what the client sent. Its other errors have a code: the network's, and the
 * client's own goodbye.
 */
function isProtocolFailure(error: Error): boolean {
  const { level, code } = error as { readonly level?: unknown; readonly code?: unknown };
  if (level === undefined) return code === undefined;
  return level === 'protocol' || level === 'handshake';
}
