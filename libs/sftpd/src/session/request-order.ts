import type { MaybePromise } from '../filesystem/maybe-promise.js';
import { isPromiseLike } from './time-limit.js';

/** What a request touches: others that touch the same key wait, unless both are shared. */
export interface Claim {
  readonly key: string | symbol;
  readonly exclusive: boolean;
}

interface Lane {
  shared: number;
  exclusive: boolean;
  readonly waiting: Ticket[];
}

interface Ticket {
  readonly claims: readonly Claim[];
  readonly task: () => MaybePromise<void>;
  blockedBy: number;
}

/**
 * Lets requests run side by side where that cannot be told from one after the other, as the draft asks
 * (draft-ietf-secsh-filexfer-02, section 6: requests for the same file take effect in the order in which
 * they came). A request enters a lane per claim, in the order of arrival; it runs when it is let in on all.
 * As everyone only ever waits for those who came before, nobody waits in a circle.
 */
export class RequestOrder {
  readonly #lanes = new Map<Claim['key'], Lane>();
  readonly #ready: Ticket[] = [];
  #running = false;

  /**
   * Runs `task` when its turn comes, at once where nothing stands in the way.
   *
   * @param task must not throw or reject
   */
  run(claims: readonly Claim[], task: () => MaybePromise<void>): void {
    const ticket: Ticket = { claims, task, blockedBy: 0 };
    for (const claim of claims) {
      const lane = this.#lane(claim.key);
      if (lane.waiting.length === 0 && admits(lane, claim)) {
        enter(lane, claim);
      } else {
        lane.waiting.push(ticket);
        ticket.blockedBy++;
      }
    }
    if (ticket.blockedBy === 0) this.#start(ticket);
  }

  #start(ticket: Ticket): void {
    this.#ready.push(ticket);
    // A task that ends at once may free the next one: a loop here instead of a call in a call.
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
      const { claims } = next;
      const outcome = next.task();
      if (isPromiseLike(outcome)) {
        void outcome.then(() => {
          this.#leave(claims);
        });
      } else {
        this.#leave(claims);
      }
    }
    this.#running = false;
  }

  #leave(claims: readonly Claim[]): void {
    for (const claim of claims) {
      const lane = this.#lane(claim.key);
      if (claim.exclusive) lane.exclusive = false;
      else lane.shared--;
      this.#admitWaiting(claim.key, lane);
    }
  }

  #admitWaiting(key: Claim['key'], lane: Lane): void {
    for (let ticket = lane.waiting[0]; ticket !== undefined; ticket = lane.waiting[0]) {
      const claim = ticket.claims.find((candidate) => candidate.key === key);
      if (claim === undefined || !admits(lane, claim)) return;
      lane.waiting.shift();
      enter(lane, claim);
      if (--ticket.blockedBy === 0) this.#start(ticket);
    }
    if (lane.shared === 0 && !lane.exclusive) this.#lanes.delete(key);
  }

  #lane(key: Claim['key']): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { shared: 0, exclusive: false, waiting: [] };
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}

function admits(lane: Lane, claim: Claim): boolean {
  return !lane.exclusive && (!claim.exclusive || lane.shared === 0);
}

function enter(lane: Lane, claim: Claim): void {
  if (claim.exclusive) lane.exclusive = true;
  else lane.shared++;
}
