import { describe, expect, it } from '@jest/globals';
import { RestartDelays } from './restart-delays.js';

describe('RestartDelays', () => {
  it('grow while workers end soon, up to half a minute, and begin anew after one that has lived', () => {
    const delays = new RestartDelays();
    const waits = Array.from({ length: 11 }, () => delays.ended(9999));
    expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(waits.at(-1)).toBe(30_000);
    expect(delays.ended(10_000)).toBe(100);
    expect(delays.ended(undefined)).toBe(200);
    expect(delays.hopeless).toBe(false);
  });

  it('give up after ten workers in a row that could not start', () => {
    const delays = new RestartDelays();
    for (let n = 0; n < 9; n++) delays.ended(undefined);
    delays.started();
    for (let n = 0; n < 9; n++) delays.ended(undefined);
    expect(delays.hopeless).toBe(false);
    delays.ended(undefined);
    expect(delays.hopeless).toBe(true);
  });
});
