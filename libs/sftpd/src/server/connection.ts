import type { Socket } from 'node:net';

import type { Connection as SshConnection, ServerChannel, Session as SshSession } from 'ssh2';

import type { Log } from '../events/log.js';
import type { RefusalReason } from '../events/server-events.js';
import { prefixedLog } from '../events/prefixed-log.js';
import type { RandomAccessBackend } from '../filesystem/backend.js';
import type { SftpPeer, SftpSession } from '../filesystem/session.js';
import { ByteBudget } from '../session/byte-budget.js';
import { ByteLevel } from '../session/byte-level.js';
import { ownLimit } from '../session/channel-limits.js';
import { clientQuirks } from '../session/client-quirks.js';
import { SessionUploads } from '../session/session-uploads.js';
import { SftpChannel } from '../session/sftp-channel.js';
import { withTimeLimit } from '../session/time-limit.js';
import type { Guest } from './admission/guest.js';
import { Authentication } from './authentication/authentication.js';
import { messageWithCauses } from '../events/message-with-causes.js';
import { quoted } from '../events/printable.js';
import { allowsSha1Signatures } from './algorithms.js';
import { ClientBacklog } from './client-backlog.js';
import { isKeepAliveTimeout } from './keep-alive.js';
import { Rekeying } from './rekeying.js';
import type { ServerOptions } from './server-options.js';
import {
  closeBareSession,
  mendSignatureAlgorithms,
  sendingWindow,
  takesTinyPackets,
} from './ssh2-internals.js';

/** What waits in a socket to be sent, in bytes, above which its channels take in no more. */
const MAX_UNSENT_BYTES = 1024 * 1024;

/** What a channel may hold of a client that minds its window (2 MiB, refilled once), and as much again, in bytes. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

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
  /** Who counts its sessions and its failures to log in. */
  readonly guest: Pick<Guest, 'admitUser' | 'logInFailed' | 'loggedIn'>;
}

/** One SSH connection that has identified itself: its authentication, its session and its channels. */
export class Connection {
  readonly #id: string;
  readonly #client: SshConnection;
  readonly #socket: Socket;
  readonly #peer: SftpPeer;
  readonly #guest: ConnectionParts['guest'];
  readonly #options: ServerOptions;
  readonly #log: Log;
  readonly #channels = new Set<SftpChannel>();
  readonly #uploads = new SessionUploads();
  readonly #budget: ByteBudget;
  readonly #unsent: ByteLevel;
  readonly #rekeying: Rekeying;
  #openSessions = 0;
  #refusedChannels = 0;
  #session: SftpSession | undefined;
  #storage: Promise<RandomAccessBackend> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #goodbyeTimer: NodeJS.Timeout | undefined;
  #lastActivity = Date.now();
  #draining = false;
  #gathering = false;

  constructor(parts: ConnectionParts, options: ServerOptions) {
    this.#id = parts.id;
    this.#client = parts.client;
    this.#socket = parts.socket;
    this.#peer = parts.peer;
    this.#guest = parts.guest;
    this.#options = options;
    this.#log = prefixedLog(options.log, parts.id);
    this.#budget = new ByteBudget(options.limits.maxBufferedBytesPerConnection, parts.budget);
    this.#unsent = new ByteLevel(this.#budget);
    this.#rekeying = new Rekeying({
      client: parts.client,
      socket: parts.socket,
      bytes: options.limits.rekeyBytes,
      interval: options.timeouts.rekey,
      timeout: options.timeouts.keyExchange,
      lastActivity: () => this.#movedAt(),
      onDone: () => {
        this.#log.debug('The connection has new keys');
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
    this.#listen();
  }

  /**
   * Lets running transfers come to their ends, then closes the connection. Nothing new may begin.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#channels].map((channel) => channel.whenQuiet()));
    this.#hangUp();
  }

  /** Ends the connection now; what is open is aborted. */
  terminate(reason: string): void {
    for (const channel of this.#channels) channel.terminate(reason);
    this.#socket.destroy();
  }

  /** Settles when every channel there has been until now has let go of its files. */
  async settled(): Promise<void> {
    await Promise.all([...this.#channels].map((channel) => channel.closed));
  }

  #listen(): void {
    const { authenticator, limits, algorithms, events } = this.#options;
    const sha1Signatures = allowsSha1Signatures(algorithms);
    mendSignatureAlgorithms(this.#client, sha1Signatures);
    const { address, port } = this.#peer;
    const authentication = new Authentication({
      client: this.#client,
      authenticator,
      peer: this.#peer,
      maxAttempts: limits.maxAuthAttempts,
      sha1Signatures,
      log: this.#log,
      onSuccess: (login) => {
        const refusal = this.#guest.admitUser(login.username, login.limits);
        if (refusal === undefined) {
          this.#session = { id: this.#id, peer: this.#peer, ...login };
        }
        return refusal;
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
    this.#client
      .on('ready', () => {
        this.#guest.loggedIn(this.#session?.username ?? '');
        this.#rekeying.start();
        this.#watchIdleness();
      })
      .on('session', (accept, reject) => {
        this.#openSession(accept, reject);
      })
      .on('error', (error: Error) => {
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
      .on('data', () => {
        this.#rekeying.check();
        this.#resumeChannels();
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
    for (const channel of this.#channels) channel.resume();
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
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#goodbyeTimer);
    for (const channel of this.#channels) channel.peerGone();
    // What is still at work in the backend must not keep anything of the server's for ever.
    void this.settled().then(() => {
      this.#budget.close();
    });
    if (this.#refusedChannels > 1) {
      this.#log.warn(`${this.#refusedChannels} channels were refused in all (option maxChannels)`);
    }
    this.#log.debug('The connection is closed');
  }

  #openSession(accept: () => SshSession, reject: () => void): void {
    if (this.#draining) {
      this.#log.warn('A channel was refused: the server is stopping');
      reject();
      return;
    }
    const maxChannels = ownLimit(
      this.#session?.limits?.maxChannels,
      this.#options.limits.maxChannels,
    );
    if (this.#openSessions >= maxChannels) {
      if (this.#refusedChannels++ === 0) {
        this.#log.warn(`A channel was refused: ${maxChannels} are open (option maxChannels)`);
      }
      this.#tellRefusal('maxChannels');
      reject();
      return;
    }
    this.#openSessions++;
    this.#lastActivity = Date.now();
    const session = accept();
    session
      .on('subsystem', (acceptSubsystem, rejectSubsystem, { name }) => {
        if (name === 'sftp') {
          // ssh2 gives none where the channel has one already.
          const stream = acceptSubsystem() as ServerChannel | undefined;
          if (stream !== undefined) void this.#openChannel(session, stream);
        } else {
          this.#log.debug(`The subsystem ${quoted(name)} was refused`);
          // Not there when the client has asked for no reply.
          (rejectSubsystem as (() => void) | undefined)?.();
        }
      })
      .on('eof', () => {
        closeBareSession(this.#client, session);
      })
      .once('close', () => {
        this.#openSessions--;
        closeBareSession(this.#client, session);
      });
  }

  async #openChannel(session: SshSession, stream: ServerChannel): Promise<void> {
    const owner = this.#session;
    // A stream that ends before it has a channel must not end the process.
    stream.on('error', () => undefined);
    if (owner === undefined || takesTinyPackets(stream)) {
      this.#log.warn('A channel was closed: it announces packets that are too small');
      stream.close();
      return;
    }
    const closed = new AbortController();
    session.once('close', () => {
      closed.abort();
    });
    try {
      const storage = await this.#storageOf(owner);
      if (!closed.signal.aborted && !this.#socket.destroyed)
        this.#serve(session, stream, owner, storage);
    } catch (error) {
      this.#log.error(
        `A channel of the user ${quoted(owner.username)} was closed, as it has no storage: ${messageWithCauses(error)}`,
        error instanceof Error ? error.stack : undefined,
      );
      stream.exit(1);
      stream.end();
    }
  }

  /** Asked for once, whatever the number of channels. */
  #storageOf(session: SftpSession): Promise<RandomAccessBackend> {
    const { storageOf, timeouts } = this.#options;
    this.#storage ??= (async () =>
      withTimeLimit(
        storageOf(session),
        timeouts.open,
        'the choice of its backend (options backend, openTimeout)',
      ))();
    return this.#storage;
  }

  #serve(
    session: SshSession,
    stream: ServerChannel,
    owner: SftpSession,
    backend: RandomAccessBackend,
  ): void {
    const { timeouts, limits, umask, buffers } = this.#options;
    const backlog = this.#backlogOf(stream, () => {
      channel.resume();
    });
    const channel: SftpChannel = new SftpChannel(stream, {
      session: owner,
      backend,
      uploads: this.#uploads,
      timeouts,
      limits,
      budget: this.#budget,
      umask,
      congested: (sent, pending) =>
        this.#socket.writableLength > MAX_UNSENT_BYTES ||
        // What is sent meanwhile waits in ssh2, which has no bound.
        this.#rekeying.underWay ||
        backlog?.enough(sent, pending) === true,
      buffers,
      beforeSend: () => {
        this.#gatherWrites();
      },
      onMalformed: () => {
        this.#tellRefusal('protocol');
      },
      log: this.#log,
    });
    this.#channels.add(channel);
    session.once('close', () => {
      channel.peerGone();
    });
    void channel.closed.then(() => {
      this.#channels.delete(channel);
      this.#lastActivity = Date.now();
    });
  }

  #backlogOf(stream: ServerChannel, resume: () => void): ClientBacklog | undefined {
    const window = sendingWindow(stream);
    if (window === undefined || !clientQuirks(this.#peer.ident).slowedByBacklog) return undefined;
    return new ClientBacklog({
      window: () => sendingWindow(stream) ?? window,
      resume,
      now: () => performance.now(),
    });
  }

  /** ssh2 keeps whatever a client sends, beyond the window too (ssh2#1505). */
  #enforceWindows(): void {
    for (const channel of this.#channels) {
      if (channel.unreadBytes <= MAX_UNREAD_BYTES) continue;
      this.#log.warn('Disconnected: the client sends more than the window allows');
      this.#tellRefusal('protocol');
      this.terminate('the client sends more than the window allows');
      return;
    }
  }

  /** What is sent in one turn of the event loop leaves with one system call. */
  #gatherWrites(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#gathering = false;
      this.#socket.uncork();
      this.#countUnsent();
    });
  }

  /** What channels have sent waits in the socket when the client does not read. */
  #countUnsent(): void {
    this.#unsent.set(this.#socket.destroyed ? 0 : this.#socket.writableLength);
  }

  /** When something has last moved on one of its channels. */
  #movedAt(): number {
    const channels = [...this.#channels];
    return Math.max(this.#lastActivity, ...channels.map((channel) => channel.lastActivity));
  }

  /** Ends a connection on which nothing has moved for too long; work under way is not idleness. */
  #watchIdleness(): void {
    const limit = ownLimit(this.#session?.limits?.idleTimeout, this.#options.timeouts.idle);
    const working = [...this.#channels].some((channel) => channel.working);
    const left = working ? limit : this.#movedAt() + limit - Date.now();
    if (left <= 0) {
      this.#log.log(`Disconnected after ${limit} ms without activity (option idleTimeout)`);
      this.#tellRefusal('idleTimeout');
      this.#hangUp();
      return;
    }
    this.#idleTimer = setTimeout(() => {
      this.#watchIdleness();
    }, left);
  }
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
