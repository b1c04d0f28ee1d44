import { describe, expect, it } from '@jest/globals';

import { LEAST_WINDOW, ReceiveWindow } from './receive-window.js';
import { WindowBudget } from './window-budget.js';

const MIB = 1024 * 1024;
const KIB = 1024;

interface PathOptions {
  /** Milliseconds there and back. */
  readonly roundTrip: number;
  /** Bytes in a millisecond that the client and the path can do. */
  readonly rate: number;
  readonly limit?: number;
  readonly budget?: WindowBudget;
}

/** A client that sends as fast as it may over a path, millisecond by millisecond, and the server's end of it. */
class Path {
  time = 0;
  received = 0;
  left = LEAST_WINDOW;
  behind = false;
  readonly grants: number[] = [];
  readonly window: ReceiveWindow;
  readonly #options: PathOptions;
  /** What the client knows that it may send. */
  #known = LEAST_WINDOW;
  /** What is under way, by the time of its arrival. */
  readonly #toClient: { at: number; bytes: number }[] = [];
  readonly #toServer: { at: number; bytes: number }[] = [];

  constructor(options: PathOptions) {
    this.#options = options;
    this.window = new ReceiveWindow({
      end: {
        left: () => this.left,
        grant: (bytes) => {
          this.grants.push(bytes);
          this.#grant(bytes);
        },
      },
      limit: options.limit ?? 16 * MIB,
      budget: options.budget ?? new WindowBudget(1024 * MIB),
      roundTrip: () => options.roundTrip,
      now: () => this.time,
    });
  }

  /** @returns bytes in a millisecond that have come in that time */
  run(milliseconds: number): number {
    const before = this.received;
    for (let end = this.time + milliseconds; this.time < end; this.time += 1) this.#step();
    return (this.received - before) / milliseconds;
  }

  #grant(bytes: number): void {
    this.left += bytes;
    this.#toClient.push({ at: this.time + this.#options.roundTrip / 2, bytes });
  }

  #step(): void {
    const { rate, roundTrip } = this.#options;
    while ((this.#toClient[0]?.at ?? Infinity) <= this.time) {
      this.#known += this.#toClient.shift()?.bytes ?? 0;
    }
    const bytes = Math.min(rate, this.#known);
    this.#known -= bytes;
    if (bytes > 0) this.#toServer.push({ at: this.time + roundTrip / 2, bytes });
    while ((this.#toServer[0]?.at ?? Infinity) <= this.time) {
      const come = this.#toServer.shift()?.bytes ?? 0;
      this.received += come;
      this.left -= come;
      if (this.left < 0) throw new Error('The client has sent more than it may');
      // As ssh2 does when what has come is taken.
      if (!this.behind && this.left <= LEAST_WINDOW / 2) this.#grant(LEAST_WINDOW - this.left);
      this.window.update(this.received, this.behind);
    }
  }
}

describe('ReceiveWindow', () => {
  it('lets a fast client fill a long path', () => {
    const path = new Path({ roundTrip: 50, rate: 200 * KIB });
    expect(path.run(100)).toBeLessThan(45 * KIB);
    path.run(2000);
    expect(path.run(1000)).toBeGreaterThan(190 * KIB);
    expect(path.window.mostExtra).toBeGreaterThan(10 * MIB);
  });

  it('grows to its limit and no further', () => {
    const path = new Path({ roundTrip: 150, rate: 1000 * KIB, limit: 8 * MIB });
    path.run(10_000);
    expect(path.window.mostExtra).toBe(8 * MIB - LEAST_WINDOW);
    // What is left of it when it is filled up is the least that a round trip carries.
    expect(path.run(3000)).toBeGreaterThan((0.75 * 8 * MIB) / 150);
  });

  it('stays the least for a client that is near', () => {
    const path = new Path({ roundTrip: 1, rate: 1000 * KIB });
    path.run(1000);
    expect([path.grants, path.window.mostExtra]).toEqual([[], 0]);
  });

  it('stays the least for a client that is slow', () => {
    const path = new Path({ roundTrip: 50, rate: 10 * KIB });
    expect(path.run(5000)).toBeGreaterThan(9 * KIB);
    expect([path.grants, path.window.mostExtra]).toEqual([[], 0]);
  });

  it('never grows when its limit is the least', () => {
    const path = new Path({ roundTrip: 50, rate: 200 * KIB, limit: LEAST_WINDOW });
    path.run(3000);
    expect([path.grants, path.window.mostExtra]).toEqual([[], 0]);
  });

  it('grants nothing while the server is behind, and grows again afterwards', () => {
    const path = new Path({ roundTrip: 50, rate: 200 * KIB });
    path.run(3000);
    path.behind = true;
    path.grants.splice(0);
    path.run(2000);
    expect([path.left, path.grants]).toEqual([0, []]);
    path.behind = false;
    path.left += MIB;
    path.window.update(path.received, false);
    path.time += 1;
    expect(path.window.mostExtra).toBeGreaterThan(10 * MIB);
  });

  it('shares what there is for all, and gives it back at its end', () => {
    const budget = new WindowBudget(6 * MIB);
    const first = new Path({ roundTrip: 50, rate: 200 * KIB, budget });
    first.run(5000);
    expect(first.window.mostExtra).toBe(6 * MIB);
    const second = new Path({ roundTrip: 50, rate: 200 * KIB, budget });
    second.run(3000);
    expect([second.grants, second.window.mostExtra]).toEqual([[], 0]);
    first.window.close();
    second.run(3000);
    expect(second.window.mostExtra).toBe(6 * MIB);
  });

  it('keeps what it has granted reserved until it is used, also when the server is behind', () => {
    const budget = new WindowBudget(14 * MIB);
    const path = new Path({ roundTrip: 50, rate: 200 * KIB, budget });
    path.run(3000);
    const free = (): number => 14 * MIB - budget.resize(0, 14 * MIB);
    const before = free();
    budget.resize(14 * MIB - before, 0);
    expect(before).toBeGreaterThan(8 * MIB);
    path.behind = true;
    path.window.update(path.received, true);
    const held = free();
    budget.resize(14 * MIB - held, 0);
    expect(held).toBe(Math.max(0, path.left - LEAST_WINDOW));
    path.run(200);
    expect(free()).toBe(0);
  });
});

describe('WindowBudget', () => {
  it('gives what there is, and takes back', () => {
    const budget = new WindowBudget(10);
    expect(budget.resize(0, 6)).toBe(6);
    expect(budget.resize(0, 6)).toBe(4);
    expect(budget.resize(4, 8)).toBe(4);
    expect(budget.resize(6, 1)).toBe(1);
    expect(budget.resize(4, 8)).toBe(8);
    expect(budget.resize(8, 0)).toBe(0);
  });
});
