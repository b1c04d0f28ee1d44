import type { RandomAccessBackend } from './backend.js';
import type { MaybePromise } from './maybe-promise.js';
import type { SftpSession } from './session.js';

/**
 * What a session works on: the tree of files that its user sees. Asked for once per session, before its first
 * request.
 *
 * @throws whatever keeps the session from having one: its channels are refused
 */
export type StorageOfSession = (session: SftpSession) => MaybePromise<RandomAccessBackend>;
