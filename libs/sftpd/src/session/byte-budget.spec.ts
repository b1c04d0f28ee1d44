import { describe, expect, it } from '@jest/globals';

import { ByteBudget, type RoomSeeker } from './byte-budget.js';
import { ByteLevel } from './byte-level.js';

/** A turn of the event loop, in which a budget asks those who wait. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Takes `portion` bytes at a time, as often as it is let in, until it has what it wants. */
class Eater implements RoomSeeker {
  held = 0;
  asked = 0;

  constructor(
    readonly budget: ByteBudget,
    readonly portion: number,
    public wants: number,
    readonly book: Eater[] = [],
  ) {}

  resume(): void {
    this.asked++;
    while (this.wants > 0 && this.budget.admits(this)) {
      this.budget.add(this.portion);
      this.held += this.portion;
      this.wants -= this.portion;
      this.book.push(this);
    }
  }

  giveBack(bytes = this.held): void {
    this.held -= bytes;
    this.budget.add(-bytes);
  }
}

describe('ByteBudget', () => {
  it('has room up to the last byte below its limit, and none at the limit', () => {
    const budget = new ByteBudget(100);
    budget.add(99);
    expect(budget.admits(new Eater(budget, 1, 1))).toBe(true);
    budget.add(1);
    expect(budget.admits(new Eater(budget, 1, 1))).toBe(false);
    expect(budget.used).toBe(100);
  });

  it('tells who waits when there is room again, in a later turn', async () => {
    const budget = new ByteBudget(100);
    budget.add(100);
    const eater = new Eater(budget, 10, 10);
    eater.resume();
    budget.add(50);
    budget.add(-50);
    await turn();
    expect(eater.asked).toBe(1);
    budget.add(-1);
    expect(eater.asked).toBe(1);
    await turn();
    expect([eater.asked, eater.held]).toEqual([2, 10]);
  });

  it('asks in the order in which they came, and newcomers stand behind', async () => {
    const budget = new ByteBudget(100);
    const book: Eater[] = [];
    budget.add(100);
    const [a, b, c] = [1, 2, 3].map(() => new Eater(budget, 100, 100, book)) as [
      Eater,
      Eater,
      Eater,
    ];
    a.resume();
    b.resume();
    budget.add(-100);
    // There is room, but not for one who has not waited.
    c.resume();
    expect(c.held).toBe(0);
    for (const expected of [[a], [a, b], [a, b, c]]) {
      await turn();
      expect(book).toEqual(expected);
      book.at(-1)?.giveBack();
    }
    expect(budget.used).toBe(0);
  });

  it('gives everyone a turn although one never stops asking', async () => {
    const budget = new ByteBudget(100);
    const greedy = new Eater(budget, 50, Infinity);
    greedy.resume();
    const modest = Array.from({ length: 10 }, () => new Eater(budget, 50, 50));
    for (const each of modest) each.resume();
    for (let round = 0; round < 30 && modest.some(({ wants }) => wants > 0); round++) {
      greedy.giveBack(Math.min(50, greedy.held));
      greedy.resume();
      for (const each of modest) if (each.held > 0) each.giveBack();
      await turn();
    }
    expect(modest.filter(({ wants }) => wants > 0)).toEqual([]);
  });

  it('counts for all above, and asks for room there too', async () => {
    const server = new ByteBudget(100);
    const [one, other] = [new ByteBudget(80, server), new ByteBudget(80, server)];
    const first = new Eater(one, 40, 200);
    first.resume();
    expect([one.used, server.used]).toEqual([80, 80]);
    const second = new Eater(other, 40, 80);
    second.resume();
    expect([other.used, server.used]).toEqual([40, 120]);
    first.giveBack(80);
    await turn();
    // Forty of its own are taken, and as much is there for the first, which has waited for its own connection.
    expect(second.held).toBe(80);
    await turn();
    expect(first.held).toBeGreaterThan(0);
    expect(server.used).toBe(one.used + other.used);
    expect(server.used).toBeLessThan(100 + 40);
  });

  it('lets nobody be lost between two lines, whatever the order (seed 5)', async () => {
    let state = 5;
    const random = (bound: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
    const server = new ByteBudget(1000);
    const connections = Array.from({ length: 5 }, () => new ByteBudget(400, server));
    const eaters = Array.from(
      { length: 40 },
      (_, index) => new Eater(connections[index % 5]!, 50 + random(200), 2000 + random(2000)),
    );
    for (const eater of eaters) eater.resume();
    let most = 0;
    for (let round = 0; round < 5000 && eaters.some(({ wants }) => wants > 0); round++) {
      most = Math.max(most, server.used);
      const full = eaters.filter(({ held }) => held > 0);
      const eater = full[random(full.length)];
      if (eater !== undefined) eater.giveBack(1 + random(eater.held));
      if (random(3) === 0) await turn();
    }
    expect(eaters.filter(({ wants }) => wants > 0)).toEqual([]);
    expect(most).toBeLessThan(1000 + 250);
    for (const eater of eaters) eater.giveBack();
    expect([server.used, ...connections.map(({ used }) => used)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('does not ask those who have left the line', async () => {
    const server = new ByteBudget(10);
    const connection = new ByteBudget(100, server);
    server.add(10);
    const eater = new Eater(connection, 1, 1);
    eater.resume();
    connection.forget(eater);
    server.add(-10);
    await turn();
    expect(eater.asked).toBe(1);
  });

  it('gives back what is left when it closes, once', async () => {
    const server = new ByteBudget(100);
    const [gone, there] = [new ByteBudget(100, server), new ByteBudget(100, server)];
    gone.add(100);
    const eater = new Eater(there, 10, 10);
    eater.resume();
    gone.close();
    gone.add(-60);
    gone.close();
    expect(server.used).toBe(0);
    await turn();
    expect(eater.held).toBe(10);
  });
});

describe('ByteLevel', () => {
  it('counts what has changed since it was looked at', () => {
    const budget = new ByteBudget(100);
    const [one, other] = [new ByteLevel(budget), new ByteLevel(budget)];
    one.set(30);
    other.set(50);
    one.set(30);
    one.set(10);
    expect(budget.used).toBe(60);
    one.set(0);
    other.set(0);
    expect(budget.used).toBe(0);
  });
});
