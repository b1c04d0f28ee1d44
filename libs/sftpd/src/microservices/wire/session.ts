import type { SessionAttributes, SftpSession } from '../../filesystem/session.js';
import { MalformedMessageError, type MessageReader } from './message-reader.js';
import type { WireValue } from './values.js';

/** How deep attributes may be nested; a cycle is deeper than any limit. */
const MAX_DEPTH = 32;

/**
 * A session as JSON can carry it.
 *
 * @throws TypeError naming the attribute that JSON would lose or change
 */
export function encodeSession(session: SftpSession): WireValue {
  const { id, username, peer, attributes } = session;
  const problem = problemOf(attributes, 'attributes', 0);
  if (problem !== undefined) throw new TypeError(problem);
  const { address, port, ident } = peer;
  return { id, username, peer: { address, port, ident }, attributes };
}

/** @throws MalformedMessageError */
export function decodeSession(message: MessageReader): SftpSession {
  const peer = message.record('peer');
  const attributes = message.raw('attributes');
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    throw new MalformedMessageError('attributes must be an object');
  }
  return {
    id: message.text('id'),
    username: message.text('username'),
    peer: { address: peer.text('address'), port: peer.integer('port'), ident: peer.text('ident') },
    attributes: attributes as SessionAttributes,
  };
}

/**
 * What JSON would not carry as it is. An attribute may decide what a user is allowed to do, so none is dropped or
 * bent in silence; only a property that is `undefined` counts as not there.
 */
function problemOf(value: unknown, at: string, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : cannotTravel(at, String(value));
    case 'object':
      break;
    default:
      return cannotTravel(at, `a ${typeof value}`);
  }
  if (value === null) return undefined;
  if (depth === MAX_DEPTH) return `${at} is nested more than ${MAX_DEPTH} deep`;
  if (!isPlain(value)) return cannotTravel(at, `a ${value.constructor.name}`);
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined && !Array.isArray(value)) continue;
    const problem = problemOf(item, `${at}.${key}`, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm has another Object.prototype, which has no prototype either.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function cannotTravel(at: string, what: string): string {
  return `${at} is ${what}, which no message can carry`;
}
