import type { RefusalReason } from '../../events/connection-events.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { ServerLimits } from '../server-options.js';
import { Tally } from './tally.js';

/** Why there is no place for a connection. */
export interface Shortage {
  readonly reason: RefusalReason;
  /** For the log: how many there are, and the name of the option. */
  readonly detail: string;
}

/** The bounds of what is counted; each has its meaning in the server's options. */
export type PlaceLimits = Pick<
  ServerLimits,
  'maxSessions' | 'maxSessionsPerAddress' | 'maxSessionsPerUser' | 'maxPendingLogins'
>;

/** How many of the connections from one address may wait for their log-in: one could keep all others out otherwise. */
export function pendingPerAddress({ maxPendingLogins }: PlaceLimits): number {
  return Math.max(1, Math.floor(maxPendingLogins / 2));
}

/** Why a count of connections leaves no room; each by how many there are. */
export const SHORTAGES = {
  sessions: (count: number): Shortage => ({
    reason: 'maxSessions',
    detail: `${count} are open (option maxSessions)`,
  }),
  pending: (count: number): Shortage => ({
    reason: 'maxPendingLogins',
    detail: `${count} have not logged in yet (option maxPendingLogins)`,
  }),
  ofAddress: (count: number): Shortage => ({
    reason: 'maxSessionsPerAddress',
    detail: `${count} are open from there (option maxSessionsPerAddress)`,
  }),
  pendingOfAddress: (count: number): Shortage => ({
    reason: 'maxPendingLogins',
    detail: `${count} from there have not logged in yet (half of option maxPendingLogins)`,
  }),
  ofUser: (count: number): Shortage => ({
    reason: 'maxSessionsPerUser',
    detail: `${count} sessions of this user are open (option maxSessionsPerUser)`,
  }),
};

/** How many connections there are in this server: in total, by address, by user, and not logged in yet. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #byAddress = new Tally();
  readonly #pendingByAddress = new Tally();
  readonly #byUser = new Tally();
  #total = 0;
  #pending = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Why another connection cannot be taken, whoever makes it. */
  shortage(): Shortage | undefined {
    const { maxSessions, maxPendingLogins } = this.#limits;
    if (this.#total >= maxSessions) return SHORTAGES.sessions(this.#total);
    if (this.#pending >= maxPendingLogins) return SHORTAGES.pending(this.#pending);
    return undefined;
  }

  /** Takes a place for a connection that has not logged in, without a look at the limits. */
  take(): LocalPlace {
    this.#total++;
    this.#pending++;
    let origin: string | undefined;
    let username: string | undefined;
    let pending = true;
    let left = false;
    const settle = (): void => {
      if (!pending) return;
      pending = false;
      this.#pending--;
      if (origin !== undefined) this.#pendingByAddress.remove(origin);
    };
    return {
      comesFrom: (address) => {
        const shortage = this.#shortageOf(address);
        if (shortage !== undefined || left || origin !== undefined) return shortage;
        origin = address;
        this.#byAddress.add(address);
        this.#pendingByAddress.add(address);
        return undefined;
      },
      admitUser: (name, limit = this.#limits.maxSessionsPerUser) => {
        if (left || username === name) return undefined;
        if (username !== undefined) this.#byUser.remove(username);
        username = undefined;
        const open = this.#byUser.of(name);
        if (open >= limit) return SHORTAGES.ofUser(open);
        username = name;
        this.#byUser.add(name);
        return undefined;
      },
      loggedIn: settle,
      leave: () => {
        if (left) return;
        left = true;
        settle();
        this.#total--;
        if (origin !== undefined) this.#byAddress.remove(origin);
        if (username !== undefined) this.#byUser.remove(username);
      },
    };
  }

  #shortageOf(address: string): Shortage | undefined {
    const open = this.#byAddress.of(address);
    if (open >= this.#limits.maxSessionsPerAddress) return SHORTAGES.ofAddress(open);
    const pending = this.#pendingByAddress.of(address);
    if (pending >= pendingPerAddress(this.#limits)) return SHORTAGES.pendingOfAddress(pending);
    return undefined;
  }
}

/** The place of one connection. What it took is given back once, by {@link Place.leave}. */
export interface Place {
  /**
   * Tells where the connection comes from, once.
   *
   * @param address as it is counted
   * @returns why it has no place; never rejects
   */
  comesFrom(address: string): MaybePromise<Shortage | undefined>;
  /**
   * Counts the connection as one of a user; of one user at a time.
   *
   * @param limit connections at once of the user @default that of the server
   * @returns why it has no place; never rejects
   */
  admitUser(username: string, limit?: number): MaybePromise<Shortage | undefined>;
  /** The connection waits for no log-in any more. */
  loggedIn(): void;
  leave(): void;
}

/** A place that is counted in this server alone: it answers at once. */
export interface LocalPlace extends Place {
  comesFrom(address: string): Shortage | undefined;
  admitUser(username: string, limit?: number): Shortage | undefined;
}
