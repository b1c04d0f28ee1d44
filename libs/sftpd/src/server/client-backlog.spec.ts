import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { ClientBacklog } from './client-backlog.js';

const KIB = 1024;
const WINDOW = 2048 * KIB;
const PACKET = 32 * KIB;
const FLOOR = 256 * KIB;

/** A path to a client: what is sent is consumed after a while, at a rate, and told in steps, as OpenSSH does. */
class Path {
  readonly backlog: ClientBacklog;
  resumed = 0;
  now = 0;
  sent = 0;
  #window = WINDOW;
  #consumed = 0;
  #untold = 0;
  readonly #underWay: { readonly at: number; readonly bytes: number }[] = [];
  #freeAt = 0;

  /**
   * @param delay milliseconds until a byte is consumed and that is known
   * @param rate bytes that the client consumes in a millisecond
   * @param step bytes after which the client tells
   */
  constructor(
    readonly delay: number,
    readonly rate: number,
    readonly step = 96 * KIB,
  ) {
    this.backlog = new ClientBacklog({
      window: () => this.#window,
      resume: () => this.resumed++,
      now: () => this.now,
    });
  }

  get unconsumed(): number {
    return this.sent - this.#consumed;
  }

  /** Sends all that may be sent, then lets the next byte be consumed. */
  step1(): void {
    while (this.#window >= PACKET && !this.backlog.enough(this.sent, PACKET)) {
      this.#window -= PACKET;
      this.sent += PACKET;
      this.#freeAt = Math.max(this.#freeAt, this.now + this.delay) + PACKET / this.rate;
      this.#underWay.push({ at: this.#freeAt, bytes: PACKET });
    }
    const next = this.#underWay.shift();
    if (next === undefined) return;
    this.now = Math.max(this.now, next.at);
    this.#consumed += next.bytes;
    this.#untold += next.bytes;
    if (this.#untold >= this.step) {
      this.#window += this.#untold;
      this.#untold = 0;
    }
  }

  /** The most that is under way in the last of so many steps. */
  run(steps: number): number {
    let most = 0;
    for (let count = 0; count < steps; count++) {
      this.step1();
      if (count >= steps / 2) most = Math.max(most, this.unconsumed);
    }
    return most;
  }
}

describe('ClientBacklog', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('keeps little under way to a client at hand, however large its window is', () => {
    const path = new Path(0.1, 500_000);
    expect(path.run(5000)).toBeLessThan(3 * FLOOR);
    expect(path.sent).toBeGreaterThan(4000 * PACKET);
  });

  it('starts with little', () => {
    const path = new Path(50, 1_000_000);
    path.step1();
    expect(path.sent).toBeLessThanOrEqual(FLOOR);
  });

  it('fills the window of a client far away, within a few round trips', () => {
    const path = new Path(50, 1_000_000);
    while (path.unconsumed < WINDOW - 4 * PACKET && path.now < 5000) path.step1();
    expect(path.now).toBeLessThan(10 * 2 * 50);
    expect(path.run(2000)).toBeGreaterThan(WINDOW - 4 * PACKET);
  });

  it('does not take the end of a pause for a short path', () => {
    const path = new Path(50, 1_000_000);
    path.run(2000);
    // All is consumed and told in one moment: nothing that was sent after it has come back.
    for (let look = 0; look < 10; look++) path.backlog.enough(path.sent, 0);
    path.now += 10_000;
    for (let look = 0; look < 10; look++) path.backlog.enough(path.sent, 0);
    expect(path.run(2000)).toBeGreaterThan(WINDOW - 4 * PACKET);
  });

  it('allows more to a client that tells of what it has consumed in larger steps', () => {
    const path = new Path(0.1, 500_000, 1024 * KIB);
    for (let second = 0; second < 4 && path.sent < 100 * WINDOW; second++) {
      path.run(1000);
      jest.advanceTimersByTime(1000);
    }
    expect(path.resumed).toBeGreaterThan(0);
    expect(path.sent).toBeGreaterThan(20 * WINDOW);
  });

  it('has no timer left when the client is not behind', () => {
    const path = new Path(0.1, 500_000);
    path.backlog.enough(0, PACKET);
    expect(jest.getTimerCount()).toBe(0);
  });
});
