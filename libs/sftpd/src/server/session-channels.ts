import type { Connection as SshConnection, ServerChannel, Session as SshSession } from 'ssh2';

import type { Log } from '../events/log.js';
import { messageWithCauses } from '../events/message-with-causes.js';
import { quoted } from '../events/printable.js';
import type { RefusalReason } from '../events/connection-events.js';
import type { SftpPeer, SftpSession } from '../filesystem/session.js';
import type { SessionTree } from '../filesystem/storage.js';
import type { ByteBudget } from '../session/byte-budget.js';
import { ownLimit } from '../session/channel-limits.js';
import { clientQuirks } from '../session/client-quirks.js';
import { SessionHooks } from '../session/hooks/session-hooks.js';
import type { Transfer } from '../session/hooks/transfer.js';
import { SessionUploads } from '../session/session-uploads.js';
import { SftpChannel } from '../session/sftp-channel.js';
import { withTimeLimit } from '../session/time-limit.js';
import { ClientBacklog } from './client-backlog.js';
import type { ServerOptions } from './server-options.js';
import { ReceiveWindow } from './receive-window.js';
import {
  closeBareSession,
  receivingEnd,
  sendingWindow,
  takesTinyPackets,
} from './ssh2-internals.js';
import type { WindowBudget } from './window-budget.js';

/** What a channel may hold of a client that minds its window (2 MiB, refilled once), and as much again, in bytes. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/** What the channels of a connection need of it. */
export interface SessionChannelsParts {
  readonly client: SshConnection;
  readonly peer: SftpPeer;
  /** The connection's memory. */
  readonly budget: ByteBudget;
  /** The server's for the windows of channels. */
  readonly windows: WindowBudget;
  /** Whether what channels send would only wait. */
  readonly congested: () => boolean;
  /** Told before something is written. */
  readonly beforeSend: () => void;
  readonly onRefusal: (reason: RefusalReason) => void;
  readonly log: Log;
}

/** What the channels of a session work on, and whom they tell of it. */
interface Workplace {
  readonly tree: SessionTree;
  readonly hooks: SessionHooks;
}

/** The SSH sessions of one connection (RFC 4254, section 6), and the SFTP channels that run on them. */
export class SessionChannels {
  readonly #parts: SessionChannelsParts;
  readonly #options: ServerOptions;
  readonly #log: Log;
  /** All that ssh2 may put something into. */
  readonly #streams = new Set<ServerChannel>();
  readonly #channels = new Map<SftpChannel, ReceiveWindow | undefined>();
  readonly #uploads = new SessionUploads();
  #work: Promise<Workplace> | undefined;
  #hooks: SessionHooks | undefined;
  #ended = { channels: 0, requests: 0 };
  #openSessions = 0;
  #refused = 0;
  #lastActivity = Date.now();
  #draining = false;
  #gone = false;

  constructor(parts: SessionChannelsParts, options: ServerOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#log = parts.log;
  }

  /** Whether a backend is at work for one of them. */
  get working(): boolean {
    for (const channel of this.#channels.keys()) if (channel.working) return true;
    return false;
  }

  /** Files that the client has open. */
  get transfers(): readonly Transfer[] {
    return this.#hooks?.transfers ?? [];
  }

  /** SFTP channels that there have been until now, and requests on them. */
  get used(): { readonly channels: number; readonly requests: number } {
    let { channels, requests } = this.#ended;
    for (const channel of this.#channels.keys()) {
      channels += 1;
      requests += channel.received;
    }
    return { channels, requests };
  }

  /** When something has last moved on one of them, as `Date.now()` gives it. */
  get movedAt(): number {
    let moved = this.#lastActivity;
    for (const channel of this.#channels.keys()) moved = Math.max(moved, channel.lastActivity);
    return moved;
  }

  /** Whether bytes of the client's wait, in the memory in which they came. */
  get holdInput(): boolean {
    for (const stream of this.#streams) if (stream.readableLength > 0) return true;
    for (const channel of this.#channels.keys()) if (channel.holdsInput) return true;
    return false;
  }

  /**
   * To be called when something has come.
   *
   * @returns tells from then on whether all that had come by now has been taken in
   */
  inputMark(): () => boolean {
    // What waits for a channel that is not set up yet cannot be told apart.
    if (this.#streams.size !== this.#channels.size) return () => false;
    const marks = [...this.#channels.keys()].map(
      (channel) => [channel, channel.arrivedBytes] as const,
    );
    return () =>
      marks.every(
        ([channel, arrived]) => channel.takenBytes >= arrived || !this.#channels.has(channel),
      );
  }

  /** Whether the client has sent more than it may. */
  get overrun(): boolean {
    for (const [channel, window] of this.#channels) {
      if (channel.unreadBytes > MAX_UNREAD_BYTES + (window?.mostExtra ?? 0)) return true;
    }
    return false;
  }

  /**
   * Opens an SSH session, on which the client may ask for SFTP.
   *
   * @param owner who has logged in
   */
  open(owner: SftpSession | undefined, accept: () => SshSession, reject: () => void): void {
    if (this.#draining) {
      this.#log.warn('A channel was refused: the server is stopping');
      this.#parts.onRefusal('stopping');
      reject();
      return;
    }
    const maxChannels = ownLimit(owner?.limits?.maxChannels, this.#options.limits.maxChannels);
    if (this.#openSessions >= maxChannels) {
      if (this.#refused++ === 0) {
        this.#log.warn(`A channel was refused: ${maxChannels} are open (option maxChannels)`);
      }
      this.#parts.onRefusal('maxChannels');
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
          if (stream !== undefined) void this.#openChannel(session, stream, owner);
        } else {
          this.#log.debug(`The subsystem ${quoted(name)} was refused`);
          // Not there when the client has asked for no reply.
          (rejectSubsystem as (() => void) | undefined)?.();
        }
      })
      .on('eof', () => {
        closeBareSession(this.#parts.client, session);
      })
      .once('close', () => {
        this.#openSessions--;
        closeBareSession(this.#parts.client, session);
      });
  }

  /** Lets running transfers come to their ends. Nothing new may begin. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#channels.keys()].map((channel) => channel.whenQuiet()));
  }

  /** What is below the channels has caught up with sending. */
  resume(): void {
    for (const channel of this.#channels.keys()) channel.resume();
  }

  /** Something has come from the client and is handled, as far as there is room. */
  adjustWindows(): void {
    for (const [channel, window] of this.#channels) {
      window?.update(channel.receivedBytes, channel.holdsInput);
    }
  }

  /** Ends them now; what is open is aborted. */
  terminate(reason: string): void {
    for (const channel of this.#channels.keys()) channel.terminate(reason);
  }

  /** The connection is closed. */
  peerGone(): void {
    this.#gone = true;
    for (const channel of this.#channels.keys()) channel.peerGone();
    if (this.#refused > 1) {
      this.#log.warn(`${this.#refused} channels were refused in all (option maxChannels)`);
    }
  }

  /** Settles when every channel there has been until now has let go of its files. */
  async settled(): Promise<void> {
    await Promise.all([...this.#channels.keys()].map((channel) => channel.closed));
    await this.#hooks?.settled();
  }

  async #openChannel(
    session: SshSession,
    stream: ServerChannel,
    owner: SftpSession | undefined,
  ): Promise<void> {
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    // A stream that ends before it has a channel must not end the process.
    stream.on('error', () => undefined);
    if (owner === undefined || takesTinyPackets(stream)) {
      this.#log.warn('A channel was closed: it announces packets that are too small');
      this.#parts.onRefusal('protocol');
      stream.close();
      return;
    }
    const closed = new AbortController();
    session.once('close', () => {
      closed.abort();
    });
    try {
      const work = await this.#workplaceOf(owner);
      if (!closed.signal.aborted && !this.#gone) this.#serve(session, stream, owner, work);
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
  #workplaceOf(session: SftpSession): Promise<Workplace> {
    const { storageOf, timeouts, hooks } = this.#options;
    this.#work ??= (async () => {
      const tree = await withTimeLimit(
        storageOf(session),
        timeouts.open,
        'the choice of its backend (options backend, openTimeout)',
      );
      this.#hooks = new SessionHooks(session, tree, hooks, this.#log);
      return { tree, hooks: this.#hooks };
    })();
    return this.#work;
  }

  #serve(
    session: SshSession,
    stream: ServerChannel,
    owner: SftpSession,
    { tree, hooks }: Workplace,
  ): void {
    const { timeouts, limits, umask, buffers } = this.#options;
    const backlog = this.#backlogOf(stream, () => {
      channel.resume();
    });
    const channel: SftpChannel = new SftpChannel(stream, {
      session: owner,
      backend: tree.files,
      uploads: this.#uploads,
      hooks,
      timeouts,
      limits,
      budget: this.#parts.budget,
      umask,
      congested: (sent, pending) =>
        this.#parts.congested() || backlog?.enough(sent, pending) === true,
      buffers,
      beforeSend: this.#parts.beforeSend,
      onRefusal: this.#parts.onRefusal,
      log: this.#log,
    });
    this.#channels.set(channel, this.#windowOf(stream, channel));
    session.once('close', () => {
      channel.peerGone();
    });
    void channel.closed.then(() => {
      this.#channels.get(channel)?.close();
      this.#channels.delete(channel);
      this.#ended.channels += 1;
      this.#ended.requests += channel.received;
      this.#lastActivity = Date.now();
    });
  }

  #windowOf(stream: ServerChannel, channel: SftpChannel): ReceiveWindow | undefined {
    const end = receivingEnd(this.#parts.client, stream);
    if (end === undefined) return undefined;
    return new ReceiveWindow({
      end,
      limit: this.#options.limits.maxReceiveWindow,
      budget: this.#parts.windows,
      roundTrip: () => channel.roundTrip,
      now: () => performance.now(),
    });
  }

  #backlogOf(stream: ServerChannel, resume: () => void): ClientBacklog | undefined {
    const window = sendingWindow(stream);
    if (window === undefined || !clientQuirks(this.#parts.peer.ident).slowedByBacklog)
      return undefined;
    return new ClientBacklog({
      window: () => sendingWindow(stream) ?? window,
      resume,
      now: () => performance.now(),
    });
  }
}
