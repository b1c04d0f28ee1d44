import type { Duplex } from 'node:stream';

import type { Log } from '../events/log.js';
import type { RandomAccessBackend } from '../filesystem/backend.js';
import type { SftpSession } from '../filesystem/session.js';
import type { ByteBudget } from './byte-budget.js';
import type { BufferPool } from './buffer-pool.js';
import type { BackendTimeouts } from './channel-context.js';
import type { ChannelLimits } from './channel-limits.js';
import type { SessionHooks } from './hooks/session-hooks.js';
import type { RequestLimit } from './limit-error.js';
import type { SessionUploads } from './session-uploads.js';

/** The duplex stream of an SSH channel, with what ends it as `sftp` expects (RFC 4254, section 6.10). */
export interface ChannelStream extends Duplex {
  exit(status: number): void;
}

/** What a channel serves, and within which bounds. */
export interface SftpChannelOptions {
  readonly session: SftpSession;
  readonly backend: RandomAccessBackend;
  /** Shared by the channels of the session. */
  readonly uploads: SessionUploads;
  /** Shared by the channels of the session. */
  readonly hooks: SessionHooks;
  readonly timeouts: BackendTimeouts;
  /** The server's; those that the session has of its own are used in their place. */
  readonly limits: ChannelLimits;
  /** The connection's memory. */
  readonly budget: ByteBudget;
  /** Permission bits that new files and directories do not get. */
  readonly umask: number;
  /**
   * Whether what is below the channel, or its client, has fallen behind.
   *
   * @param sent bytes that have left, since the beginning
   * @param pending bytes that have been asked for and have not left: replies that wait, and the content that
   * READs may give
   */
  readonly congested: (sent: number, pending: number) => boolean;
  /** The server's buffers for replies. */
  readonly buffers: BufferPool;
  /** Told before something is written, so that what is written in one turn can leave together. */
  readonly beforeSend: () => void;
  /**
   * Told when the channel ends for what no client may send (`protocol`: a packet above the bound, or one that is
   * none), and when a request has failed at a limit for the first time.
   */
  readonly onRefusal: (reason: 'protocol' | RequestLimit) => void;
  readonly log: Log;
}
