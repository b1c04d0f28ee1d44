import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { RefusalLog } from './refusal-log.js';

describe('RefusalLog', () => {
  let lines: string[];
  let log: RefusalLog;

  beforeEach(() => {
    jest.useFakeTimers();
    lines = [];
    log = new RefusalLog({ warn: (line) => lines.push(line) }, () => Date.now());
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('logs one line a second of a flood, and how many there were more', () => {
    for (let n = 0; n < 500; n++) log.refused('192.0.2.1', 'maxSessions', `line ${n}`);
    expect(lines).toEqual(['line 0']);
    jest.advanceTimersByTime(1000);
    expect(lines.slice(1)).toEqual(['499 more refusals of 192.0.2.1 (maxSessions)']);
    jest.advanceTimersByTime(10_000);
    expect(lines).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('goes on counting in the next second, without a line of its own for each', () => {
    for (let second = 0; second < 5; second++) {
      log.refused('192.0.2.1', 'maxSessions', `line ${second}`);
      log.refused('192.0.2.1', 'maxSessions', 'another');
      jest.advanceTimersByTime(1000);
    }
    expect(lines).toHaveLength(6);
  });

  it('tells addresses and reasons apart', () => {
    log.refused('192.0.2.1', 'maxSessions', 'a');
    log.refused('192.0.2.1', 'access', 'b');
    log.refused('192.0.2.2', 'access', 'c');
    expect(lines).toEqual(['a', 'b', 'c']);
  });

  it('logs again at once after a quiet while', () => {
    log.refused('192.0.2.1', 'access', 'a');
    jest.advanceTimersByTime(5000);
    log.refused('192.0.2.1', 'access', 'b');
    expect(lines).toEqual(['a', 'b']);
  });

  it('has a bound for a flood from everywhere', () => {
    for (let n = 0; n < 20_000; n++) log.refused(`2001:db8:0:${n}::/64`, 'access', `line ${n}`);
    expect(lines).toHaveLength(1001);
    jest.advanceTimersByTime(1000);
    expect(lines.slice(1001)).toEqual(['18999 more refusals of other addresses (access)']);
  });

  it('tells what it has counted when it is flushed', () => {
    for (let n = 0; n < 3; n++) log.refused('192.0.2.1', 'access', 'a');
    log.flush();
    expect(lines).toEqual(['a', '2 more refusals of 192.0.2.1 (access)']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
