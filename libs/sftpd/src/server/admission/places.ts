import type { RefusalReason } from '../../events/connection-events.js';
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

/** How many connections there are: in total, by address, by user, and not logged in yet. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #pendingPerAddress: number;
  readonly #byAddress = new Tally();
  readonly #pendingByAddress = new Tally();
  readonly #byUser = new Tally();
  #total = 0;
  #pending = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
    // Otherwise one address could keep everybody else from logging in.
    this.#pendingPerAddress = Math.max(1, Math.floor(limits.maxPendingLogins / 2));
  }

  /** Why another connection cannot be taken, whoever makes it. */
  shortage(): Shortage | undefined {
    const { maxSessions, maxPendingLogins } = this.#limits;
    if (this.#total >= maxSessions) {
      return { reason: 'maxSessions', detail: `${this.#total} are open (option maxSessions)` };
    }
    if (this.#pending >= maxPendingLogins) {
      const detail = `${this.#pending} have not logged in yet (option maxPendingLogins)`;
      return { reason: 'maxPendingLogins', detail };
    }
    return undefined;
  }

  /** Takes a place for a connection that has not logged in, without a look at the limits. */
  take(): Place {
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
        if (left || username !== undefined) return undefined;
        const open = this.#byUser.of(name);
        if (open >= limit) {
          const detail = `${open} sessions of this user are open (option maxSessionsPerUser)`;
          return { reason: 'maxSessionsPerUser', detail };
        }
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
    if (open >= this.#limits.maxSessionsPerAddress) {
      const detail = `${open} are open from there (option maxSessionsPerAddress)`;
      return { reason: 'maxSessionsPerAddress', detail };
    }
    const pending = this.#pendingByAddress.of(address);
    if (pending >= this.#pendingPerAddress) {
      const detail = `${pending} from there have not logged in yet (half of option maxPendingLogins)`;
      return { reason: 'maxPendingLogins', detail };
    }
    return undefined;
  }
}

/** The place of one connection. What it took is given back once, by {@link Place.leave}. */
export interface Place {
  /**
   * Tells where the connection comes from, once.
   *
   * @param address as it is counted
   * @returns why it has no place
   */
  comesFrom(address: string): Shortage | undefined;
  /**
   * Counts the connection as one of a user, once.
   *
   * @param limit connections at once of the user @default that of the server
   * @returns why it has no place
   */
  admitUser(username: string, limit?: number): Shortage | undefined;
  /** The connection waits for no log-in any more. */
  loggedIn(): void;
  leave(): void;
}
