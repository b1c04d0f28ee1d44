import { describe, expect, it } from '@jest/globals';

import { type Claim, RequestOrder } from './request-order.js';

const reads = (...keys: readonly string[]): Claim[] =>
  keys.map((key) => ({ key, exclusive: false }));
const changes = (...keys: readonly string[]): Claim[] =>
  keys.map((key) => ({ key, exclusive: true }));

/** Requests whose ends are decided by the test. */
class Requests {
  readonly events: string[] = [];
  readonly #order = new RequestOrder();
  readonly #ends = new Map<string, () => void>();

  run(name: string, claims: readonly Claim[]): void {
    this.#order.run(claims, () => {
      this.events.push(`+${name}`);
      return new Promise<void>((resolve) => this.#ends.set(name, resolve));
    });
  }

  async end(name: string): Promise<void> {
    const end = this.#ends.get(name);
    if (!end) throw new Error(`${name} is not running`);
    this.#ends.delete(name);
    this.events.push(`-${name}`);
    end();
    await new Promise(setImmediate);
  }

  get running(): string[] {
    return [...this.#ends.keys()];
  }
}

describe('RequestOrder', () => {
  it('starts at once what nothing stands in the way of', () => {
    const requests = new Requests();
    requests.run('read', reads('/a'));
    requests.run('read too', reads('/a'));
    requests.run('elsewhere', changes('/b'));
    requests.run('nowhere', []);
    expect(requests.running).toEqual(['read', 'read too', 'elsewhere', 'nowhere']);
  });

  it('lets a change wait for the reads before it, and reads for the change before them', async () => {
    const requests = new Requests();
    requests.run('r1', reads('/a'));
    requests.run('r2', reads('/a'));
    requests.run('w', changes('/a'));
    requests.run('r3', reads('/a'));
    requests.run('r4', reads('/a'));
    expect(requests.running).toEqual(['r1', 'r2']);
    await requests.end('r2');
    expect(requests.running).toEqual(['r1']);
    await requests.end('r1');
    expect(requests.running).toEqual(['w']);
    await requests.end('w');
    expect(requests.running).toEqual(['r3', 'r4']);
  });

  it('does not let reads overtake a change that waits', async () => {
    const requests = new Requests();
    requests.run('first', reads('/a'));
    requests.run('change', changes('/a'));
    for (const name of ['x', 'y', 'z']) requests.run(name, reads('/a'));
    await requests.end('first');
    expect(requests.running).toEqual(['change']);
  });

  it('runs changes of one key one after the other, in the order in which they came', async () => {
    const requests = new Requests();
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) requests.run(name, changes('/k'));
    for (const name of names) await requests.end(name);
    expect(requests.events).toEqual(names.flatMap((name) => [`+${name}`, `-${name}`]));
  });

  it('starts a request of several keys when it is let in on all', async () => {
    const requests = new Requests();
    requests.run('a', changes('/a'));
    requests.run('b', reads('/b'));
    requests.run('rename', changes('/a', '/b'));
    requests.run('late read of b', reads('/b'));
    await requests.end('a');
    expect(requests.running).toEqual(['b']);
    await requests.end('b');
    expect(requests.running).toEqual(['rename']);
    await requests.end('rename');
    expect(requests.running).toEqual(['late read of b']);
  });

  it('does not deadlock on keys that are claimed crosswise', async () => {
    const requests = new Requests();
    requests.run('ab', changes('/a', '/b'));
    requests.run('ba', changes('/b', '/a'));
    requests.run('ab again', changes('/a', '/b'));
    for (const name of ['ab', 'ba', 'ab again']) {
      expect(requests.running).toEqual([name]);
      await requests.end(name);
    }
  });

  it('runs tasks that end at once in the call itself', () => {
    const order = new RequestOrder();
    const done: number[] = [];
    for (let index = 0; index < 3; index++) {
      order.run(changes('/a'), () => {
        done.push(index);
      });
    }
    expect(done).toEqual([0, 1, 2]);
  });

  it('takes in a request that a running one brings', () => {
    const order = new RequestOrder();
    const events: string[] = [];
    order.run(changes('/a'), () => {
      events.push('outer begins');
      order.run(changes('/a'), () => {
        events.push('inner');
      });
      events.push('outer ends');
    });
    expect(events).toEqual(['outer begins', 'outer ends', 'inner']);
  });

  it('gets through 50,000 queued tasks that end at once without a deep stack', async () => {
    const order = new RequestOrder();
    let release: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (release = resolve));
    order.run(changes('/a'), () => first);
    const done: number[] = [];
    for (let index = 0; index < 50_000; index++) {
      order.run(index % 3 === 0 ? reads('/a') : changes('/a'), () => {
        done.push(index);
      });
    }
    expect(done).toEqual([]);
    release();
    await new Promise(setImmediate);
    expect(done).toEqual(Array.from({ length: 50_000 }, (_, index) => index));
  });

  it.each([11, 4242, 987_654_321])(
    'cannot be told from one after the other (seed %i)',
    async (seed) => {
      let state = seed;
      const random = (bound: number): number => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) % bound;
      };
      interface Request {
        readonly index: number;
        readonly claims: readonly Claim[];
        running: boolean;
      }
      const order = new RequestOrder();
      /** What has come and not ended, in the order of arrival: the sequential model. */
      const live: Request[] = [];
      const ends: (() => void)[] = [];
      const started: number[] = [];
      const faults: string[] = [];
      let overlaps = 0;

      const conflict = (left: Request, right: Request): boolean =>
        left.claims.some((l) =>
          right.claims.some((r) => l.key === r.key && (l.exclusive || r.exclusive)),
        );
      const blockers = (own: Request): Request[] =>
        live.filter((other) => other.index < own.index && conflict(own, other));
      const begin = (own: Request): void => {
        if (blockers(own).length > 0) faults.push(`${own.index} started too soon`);
        if (live.some((other) => other.running)) overlaps++;
        started.push(own.index);
        own.running = true;
      };
      const end = (own: Request): void => {
        live.splice(live.indexOf(own), 1);
      };
      const endOne = async (): Promise<void> => {
        ends.splice(random(ends.length), 1)[0]?.();
        await new Promise(setImmediate);
        for (const own of live) {
          if (!own.running && blockers(own).length === 0) faults.push(`${own.index} waits in vain`);
        }
      };

      const rounds = 600;
      for (let index = 0; index < rounds; index++) {
        const claims = ['a', 'b', 'c', 'd']
          .filter(() => random(3) === 0)
          .map((key) => ({ key, exclusive: random(2) === 0 }));
        const own: Request = { index, claims, running: false };
        live.push(own);
        const atOnce = random(3) === 0;
        order.run(claims, () => {
          begin(own);
          if (atOnce) {
            end(own);
            return undefined;
          }
          return new Promise<void>((resolve) => {
            ends.push(() => {
              end(own);
              resolve();
            });
          });
        });
        while (ends.length > 0 && (ends.length > 8 || random(2) === 0)) await endOne();
      }
      while (ends.length > 0) await endOne();
      expect(faults).toEqual([]);
      expect(started.sort((a, b) => a - b)).toEqual(Array.from({ length: rounds }, (_, i) => i));
      expect(overlaps).toBeGreaterThan(50);
    },
  );
});
