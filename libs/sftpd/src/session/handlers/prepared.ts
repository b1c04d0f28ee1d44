import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { SftpPath } from '../../filesystem/path.js';
import type { RequestBody } from '../../protocol/requests.js';
import type { ChannelContext } from '../channel-context.js';
import type { Claim } from '../request-order.js';
import { withTimeLimit } from '../time-limit.js';

/** A request that has found its handle and its paths, and waits for its turn. */
export interface Prepared {
  readonly claims: readonly Claim[];
  /** Does the work and makes the reply's packet. */
  run(): MaybePromise<Buffer>;
}

/**
 * Serves one type of request: looks at it when it arrives, and says what it touches and how it is done.
 * What it throws, then or later, is answered as a status.
 */
export type Handler<T extends RequestBody['type']> = (
  context: ChannelContext,
  id: number,
  body: Extract<RequestBody, { type: T }>,
) => Prepared;

/** The key of the tree of names as a whole. */
const TREE = Symbol('tree');

/** No claim: the request touches nothing that others could change. */
export const NOTHING: readonly Claim[] = [];

/** Looks at names. */
export function looksAt(...paths: readonly SftpPath[]): Claim[] {
  return claimsOf(false, false, paths);
}

/** Changes what single names mean, and no other name with them. */
export function changes(...paths: readonly SftpPath[]): Claim[] {
  return claimsOf(false, true, paths);
}

/** Changes, or must see, the tree beyond the names themselves. */
export function changesTree(...paths: readonly SftpPath[]): Claim[] {
  return claimsOf(true, true, paths);
}

function claimsOf(tree: boolean, exclusive: boolean, paths: readonly SftpPath[]): Claim[] {
  // One claim per key: a request that claimed the same key twice would wait for itself.
  const keys = new Set(paths);
  return [{ key: TREE, exclusive: tree }, ...[...keys].map((key) => ({ key, exclusive }))];
}

/** Calls the backend within the limit for requests. */
export function callBackend<T>(
  context: ChannelContext,
  what: string,
  call: () => MaybePromise<T>,
): MaybePromise<T> {
  return withTimeLimit(call(), context.timeouts.request, what);
}
