import type { Log } from '../events/log.js';
import type { RandomAccessBackend } from '../filesystem/backend.js';
import type { SftpSession } from '../filesystem/session.js';
import type { ExtensionName } from '../protocol/extensions.js';
import type { BufferPool } from './buffer-pool.js';
import type { ChannelLimits } from './channel-limits.js';
import type { ClientQuirks } from './client-quirks.js';
import type { HandleTable } from './handle-table.js';
import type { SessionHooks } from './hooks/session-hooks.js';
import type { SessionUploads } from './session-uploads.js';

/** How long the backend may take, in milliseconds. */
export interface BackendTimeouts {
  /** For `openFile` and for the start of a listing. */
  readonly open: number;
  /** For a file's `close` and `abort`. */
  readonly close: number;
  /** For every other call. */
  readonly request: number;
}

/** What the handlers of one channel work with. */
export interface ChannelContext {
  readonly session: SftpSession;
  readonly backend: RandomAccessBackend;
  /** The extensions that this channel has been offered. */
  readonly extensions: ReadonlySet<ExtensionName>;
  readonly handles: HandleTable;
  readonly uploads: SessionUploads;
  /** Whom to ask and to tell of what the client does. */
  readonly hooks: SessionHooks;
  readonly quirks: ClientQuirks;
  readonly timeouts: BackendTimeouts;
  readonly limits: ChannelLimits;
  /** The content of one READ or WRITE that the client is offered, in bytes. */
  readonly maxDataBytes: number;
  /** Permission bits that new files and directories do not get. */
  readonly umask: number;
  /** For replies; a reply's buffer goes back when it has been sent. */
  readonly buffers: BufferPool;
  readonly log: Log;
  /** Aborted when the channel is over: what is opened after that has to be let go. */
  readonly ended: AbortSignal;
  /** Aborted when the client is gone: what only it waits for need not be finished. */
  readonly abandoned: AbortSignal;
  /** Opens and commits under way: the channel is not over before they are. */
  readonly endings: Set<Promise<unknown>>;
}
