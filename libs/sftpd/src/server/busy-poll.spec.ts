import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { BusyPoll } from './busy-poll.js';

let now: number;

beforeEach(() => {
  now = 1000;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('BusyPoll', () => {
  it('looks for its time when a client has sent its next request at once, and after the answer', async () => {
    const poll = new BusyPoll(200, 2);
    const connection = poll.connection();
    connection.answered(100);
    now += 0.5;
    connection.came(100);
    await turn();
    expect(poll.looking).toBe(true);
    now += 0.15;
    connection.answered(100);
    now += 0.15;
    await turn();
    expect(poll.looking).toBe(true);
    now += 0.06;
    await turn();
    expect(poll.looking).toBe(false);
  });

  it('does not look for a client that takes its time, nor after the answer to it', async () => {
    const poll = new BusyPoll(200, 2);
    const connection = poll.connection();
    connection.came(100);
    expect(poll.looking).toBe(false);
    connection.answered(100);
    now += 1;
    connection.came(100);
    connection.answered(100);
    expect(poll.looking).toBe(false);
    await turn();
    expect(poll.looking).toBe(false);
  });

  it('does not look for a client that sends much without waiting', () => {
    const poll = new BusyPoll(200, 2);
    const connection = poll.connection();
    connection.answered(100);
    connection.came(64 * 1024);
    expect(poll.looking).toBe(false);
  });

  it('does not look for a client that is sent much, until it waits for its answers again', () => {
    const poll = new BusyPoll(200, 2);
    const connection = poll.connection();
    connection.answered(64 * 1024);
    connection.came(100);
    connection.answered(128 * 1024);
    expect(poll.looking).toBe(false);
    connection.came(100);
    connection.answered(128 * 1024 + 100);
    expect(poll.looking).toBe(false);
    connection.came(100);
    expect(poll.looking).toBe(true);
  });

  it('looks once for all connections', async () => {
    const poll = new BusyPoll(200, 2);
    const set = jest.spyOn(globalThis, 'setImmediate');
    for (const connection of [poll.connection(), poll.connection()]) {
      connection.answered(100);
      connection.came(100);
    }
    expect(set).toHaveBeenCalledTimes(1);
    now += 0.2;
    await turn();
    expect(poll.looking).toBe(false);
  });

  it.each([
    ['when it is turned off', 0, 8],
    ['where there is one processor', 200, 1],
  ])('never looks %s', (_when, microseconds, processors) => {
    const poll = new BusyPoll(microseconds, processors);
    const connection = poll.connection();
    connection.answered(100);
    connection.came(100);
    expect(poll.looking).toBe(false);
  });
});
