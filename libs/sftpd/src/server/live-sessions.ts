import type { SftpPath } from '../filesystem/path.js';
import type { SftpSession } from '../filesystem/session.js';

/** A file that a client has open at this moment. */
export interface LiveTransfer {
  /** As in the events of the transfer. */
  readonly id: string;
  /** Which way it goes. */
  readonly kind: 'upload' | 'download';
  /** As the session sees it. */
  readonly path: SftpPath;
  /** The name of the backend at work; nothing when it has none. */
  readonly backend: string | undefined;
  /** When it was opened. */
  readonly since: Date;
  /** Bytes that have come from the client, or gone to it. */
  readonly bytes: number;
  /** Bytes a second, from OPEN until now. */
  readonly rate: number;
}

/** A client that is logged in at this moment. */
export interface LiveSession {
  /** Who is logged in. */
  readonly session: SftpSession;
  /** When the client has logged in. */
  readonly since: Date;
  /** When something has last moved on its channels. */
  readonly lastActivity: Date;
  /** Bytes that have come over the connection, SSH included. */
  readonly bytesIn: number;
  /** Bytes that have gone over it. */
  readonly bytesOut: number;
  /** In the order in which the files were opened. */
  readonly transfers: readonly LiveTransfer[];
}
