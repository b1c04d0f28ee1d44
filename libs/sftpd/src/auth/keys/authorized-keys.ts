import type { SftpPeer } from '../../filesystem/session.js';
import type { SftpPublicKey } from '../authenticator.js';
import { AddressPatterns } from './address-patterns.js';
import type { AuthorizedKey } from './authorized-key.js';

/** Whether a key opens an account. */
export interface KeyVerdict {
  /** Whether the key is there and may be used now, from where the client is. */
  readonly allowed: boolean;
  /** For the log: why a key that is there is refused. None for one that is not. */
  readonly reason?: string;
}

interface Entry {
  readonly key: AuthorizedKey;
  readonly from: AddressPatterns | undefined;
}

/** The keys that open one account. */
export class AuthorizedKeys {
  readonly #entries: readonly Entry[];

  /**
   * @param keys as `decodeAuthorizedKey` gives them; one key may be there several times, with different options
   * @throws Error when a pattern of an option `from` is none
   */
  constructor(keys: readonly AuthorizedKey[]) {
    this.#entries = keys.map((key) => ({
      key,
      from: key.options.from && new AddressPatterns(key.options.from),
    }));
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.length;
  }

  /**
   * Says whether a key is one of these, and its options allow it to be used now and from there.
   *
   * @param key whose signature has been verified
   * @param peer where the client is
   * @param now milliseconds since 1970
   * @default now the present time
   */
  allows(
    key: Pick<SftpPublicKey, 'data'>,
    peer: Pick<SftpPeer, 'address'>,
    now: number = Date.now(),
  ): KeyVerdict {
    const reasons = this.#entries
      .filter((entry) => entry.key.data.equals(key.data))
      .map((entry) => refusalOf(entry, peer.address, now));
    if (reasons.includes(undefined)) return { allowed: true };
    const [reason] = reasons;
    return reason === undefined ? { allowed: false } : { allowed: false, reason };
  }
}

function refusalOf({ key, from }: Entry, address: string, now: number): string | undefined {
  const { expiryTime } = key.options;
  if (expiryTime !== undefined && !(now <= expiryTime.getTime())) {
    return `the key expired at ${expiryTime.toISOString()} (option expiry-time)`;
  }
  if (from !== undefined && !from.match(address)) {
    return `the key must not be used from ${address} (option from)`;
  }
  return undefined;
}
