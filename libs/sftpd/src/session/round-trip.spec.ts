import { describe, expect, it } from '@jest/globals';

import { RoundTrip } from './round-trip.js';

describe('RoundTrip', () => {
  it('is the least time from a reply to what comes next, until the client need not wait any more', () => {
    let now = 100;
    const roundTrip = new RoundTrip(() => now);
    const exchange = (taken: number): void => {
      roundTrip.replied();
      now += taken;
      roundTrip.came();
    };
    roundTrip.came();
    expect(roundTrip.least).toBeUndefined();
    exchange(60);
    expect(roundTrip.least).toBe(60);
    exchange(50);
    exchange(70);
    now += 1;
    roundTrip.came();
    expect(roundTrip.least).toBe(50);
    roundTrip.replied();
    roundTrip.close();
    now += 1;
    roundTrip.came();
    exchange(2);
    expect(roundTrip.least).toBe(50);
  });
});
