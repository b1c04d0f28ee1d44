import type { RandomAccessBackend } from './backend.js';
import type { MaybePromise } from './maybe-promise.js';
import type { SftpPath } from './path.js';
import type { SftpSession } from './session.js';

/** What a session works on: the tree of files that its user sees. */
export interface SessionTree {
  readonly files: RandomAccessBackend;
  /** The name of the backend that serves a path; nothing where that has none. */
  readonly backendAt: (path: SftpPath) => string | undefined;
}

/**
 * The tree of a session. Asked for once per session, before its first request.
 *
 * @throws whatever keeps the session from having one: its channels are refused
 */
export type StorageOfSession = (session: SftpSession) => MaybePromise<SessionTree>;
