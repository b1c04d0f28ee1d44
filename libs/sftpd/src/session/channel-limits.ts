import type { SessionLimits } from '../filesystem/session.js';

/** Bounds of the paths that a client may send. */
export interface PathLimits {
  /** Bytes of a path as the client has written it. */
  readonly maxPathBytes: number;
  /** Bytes of one name in a path. */
  readonly maxNameBytes: number;
}

/** How much one channel may take. */
export interface ChannelLimits extends PathLimits {
  /** Open handles at once. */
  readonly maxHandles: number;
  /** Requests at once that are being served; those above wait at the client. */
  readonly maxRequestsInFlight: number;
  /** Bytes of one SFTP packet; a longer one ends the channel. */
  readonly maxPacketBytes: number;
  /** Bytes of requests being served and of replies not yet sent, above which no more is taken in. */
  readonly maxBufferedBytes: number;
}

/**
 * A bound of the server's, or the session's own in its place. What is no positive whole number bounds nothing, and
 * counts as not given.
 */
export function ownLimit(own: number | undefined, servers: number): number {
  return own !== undefined && Number.isSafeInteger(own) && own > 0 ? own : servers;
}

/** The bounds of a session's channels. */
export function limitsOfSession(servers: ChannelLimits, own: SessionLimits = {}): ChannelLimits {
  return {
    ...servers,
    maxHandles: ownLimit(own.maxHandles, servers.maxHandles),
    maxRequestsInFlight: ownLimit(own.maxRequestsInFlight, servers.maxRequestsInFlight),
    maxBufferedBytes: ownLimit(own.maxBufferedBytes, servers.maxBufferedBytes),
  };
}
