import type { MaybePromise } from '../../filesystem/maybe-promise.js';

/** A count that a connection is to be one of, and how many may be. */
export interface CountLimit {
  /** What is counted; any text, of a few hundred characters at most. */
  readonly name: string;
  /** How many there may be, the connection included. */
  readonly limit: number;
}

/** A count that has come to its limit. */
export interface FullCount {
  /** What is counted, as it was asked for. */
  readonly name: string;
  /** How many there are. */
  readonly count: number;
}

/**
 * Counts connections for several servers, so that `maxSessions`, `maxSessionsPerAddress`, `maxSessionsPerUser` and
 * `maxPendingLogins` hold for all of them together. What is counted, and up to which limit, the servers say. Each
 * counts its own connections as well, and asks the store only where that leaves room.
 *
 * While a store throws, rejects or takes longer than half a second, each server goes by its own count: nobody is
 * refused for that, and no server takes more than the limits. What it has to give back is given back later. Each
 * outage is logged once.
 *
 * A server that dies gives nothing back: it is for the store to notice that, and to give back for it.
 */
export interface PlacesStore {
  /**
   * Makes a connection one of each of the counts, or of none when one of them is at its limit. A count that it is in
   * already is no obstacle, and is not raised again.
   *
   * @param holder the connection: a text that no other one has, on whichever server
   * @param counts in the order in which they are looked at
   * @returns the first count that is at its limit; `undefined` when the connection is in all of them
   */
  take(holder: string, counts: readonly CountLimit[]): MaybePromise<FullCount | undefined>;

  /**
   * Takes a connection out of counts; those that it is not in are let be.
   *
   * @param names the counts @default all that it is in
   */
  giveBack(holder: string, names?: readonly string[]): MaybePromise<void>;
}
