import { randomUUID } from 'node:crypto';

import {
  type LocalPlace,
  type Place,
  type PlaceLimits,
  Places,
  pendingPerAddress,
  type Shortage,
  SHORTAGES,
} from './places.js';
import type { CountLimit, PlacesStore } from './places-store.js';
import { WatchedStore, type WatchParts } from './watched-store.js';

const SESSIONS = 'sessions';
const PENDING = 'pending';

/** A count as the store knows it, and why there is no place when it is full. */
interface Wanted extends CountLimit {
  readonly shortage: (count: number) => Shortage;
}

/**
 * Places that several servers share. This server's own count decides first; where it leaves room, the store is asked.
 * Without an answer the own count stands.
 */
export class SharedPlaces {
  readonly #limits: PlaceLimits;
  readonly #local: Places;
  readonly #store: PlacesStore;
  readonly #watched: WatchedStore;
  readonly #server = randomUUID();
  /** What the store could not be told yet: counts to give back, all of a holder's where there is no list. */
  readonly #owed = new Map<string, readonly string[] | undefined>();
  #paysLater = false;
  #lastHolder = 0;

  constructor(limits: PlaceLimits, store: PlacesStore, parts: WatchParts) {
    this.#limits = limits;
    this.#local = new Places(limits);
    this.#store = store;
    this.#watched = new WatchedStore(
      {
        store: 'store of places (option placesStore)',
        meanwhile: 'each server counts its own connections',
      },
      parts,
    );
  }

  /** Why another connection cannot be taken here, whoever makes it. */
  shortage(): Shortage | undefined {
    return this.#local.shortage();
  }

  /**
   * Takes a place for a connection that has not logged in, without a look at the limits. The store learns of it
   * with its address.
   */
  take(): Place {
    return this.#shared(this.#local.take(), `${this.#server}:${++this.#lastHolder}`);
  }

  #shared(local: LocalPlace, holder: string): Place {
    let known = false;
    let left = false;
    let origin: string | undefined;
    let user: string | undefined;
    const giveBackIfLeft = (): void => {
      if (left) this.#giveBack(holder);
    };
    const ask = async (wanted: readonly Wanted[]): Promise<Shortage | undefined> => {
      if (left) return undefined;
      // Whether the store is back is for what is owed to find out: so nothing more comes to be owed until then.
      if (this.#watched.isAway && this.#owed.size > 0) return undefined;
      known = true;
      const shortage = await this.#ask(holder, wanted, giveBackIfLeft);
      giveBackIfLeft();
      return shortage;
    };
    return {
      comesFrom: (address) => {
        const shortage = local.comesFrom(address);
        if (shortage !== undefined || left || origin !== undefined) return shortage;
        origin = address;
        return ask(this.#ofConnection(address));
      },
      admitUser: (name, limit = this.#limits.maxSessionsPerUser) => {
        const again = user === name;
        const shortage = local.admitUser(name, limit);
        if (shortage !== undefined || left || again) return shortage;
        if (user !== undefined && known) this.#giveBack(holder, [ofUser(user)]);
        user = name;
        return ask([{ name: ofUser(name), limit, shortage: SHORTAGES.ofUser }]);
      },
      loggedIn: () => {
        local.loggedIn();
        if (!known || left || origin === undefined) return;
        this.#giveBack(holder, [PENDING, pendingOf(origin)]);
      },
      leave: () => {
        if (left) return;
        left = true;
        local.leave();
        if (known) this.#giveBack(holder);
      },
    };
  }

  #ofConnection(address: string): Wanted[] {
    const { maxSessions, maxPendingLogins, maxSessionsPerAddress } = this.#limits;
    return [
      { name: SESSIONS, limit: maxSessions, shortage: SHORTAGES.sessions },
      { name: PENDING, limit: maxPendingLogins, shortage: SHORTAGES.pending },
      {
        name: `${SESSIONS} ${address}`,
        limit: maxSessionsPerAddress,
        shortage: SHORTAGES.ofAddress,
      },
      {
        name: pendingOf(address),
        limit: pendingPerAddress(this.#limits),
        shortage: SHORTAGES.pendingOfAddress,
      },
    ];
  }

  async #ask(
    holder: string,
    wanted: readonly Wanted[],
    onLate: () => void,
  ): Promise<Shortage | undefined> {
    const counts = wanted.map(({ name, limit }) => ({ name, limit }));
    const answer = await this.#watched.ask(async () => {
      const full = await this.#store.take(holder, counts);
      if (full === undefined) return { shortage: undefined };
      const { name, count } = full;
      const found = wanted.find((one) => one.name === name);
      if (found === undefined) throw new TypeError('The answer names no count that was asked for');
      return { shortage: found.shortage(count) };
    }, onLate);
    return answer?.shortage;
  }

  /** Gives back now, or as soon as the store answers. */
  #giveBack(holder: string, names?: readonly string[]): void {
    const owed = this.#owed.get(holder);
    const all = names === undefined || (this.#owed.has(holder) && owed === undefined);
    this.#owed.set(holder, all ? undefined : [...(owed ?? []), ...names]);
    void this.#pay(holder);
  }

  /** @returns whether it is paid */
  async #pay(holder: string): Promise<boolean> {
    const names = this.#owed.get(holder);
    const paid = await this.#watched.ask(async () => {
      await this.#store.giveBack(holder, names);
      return true;
    });
    if (paid === undefined) {
      if (!this.#paysLater) {
        this.#paysLater = true;
        setTimeout(() => void this.#payAll(), this.#watched.pause).unref();
      }
      return false;
    }
    // More may have been added to it meanwhile.
    if (this.#owed.get(holder) === names) this.#owed.delete(holder);
    return true;
  }

  async #payAll(): Promise<void> {
    this.#paysLater = false;
    for (const holder of [...this.#owed.keys()]) if (!(await this.#pay(holder))) return;
  }
}

function ofUser(name: string): string {
  return `user ${name}`;
}

function pendingOf(address: string): string {
  return `${PENDING} ${address}`;
}
