import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { Loopback } from '../spec-support/loopback.js';
import { LeaseKeeper } from './lease-keeper.js';
import { RemoteLink } from './remote-link.js';
import { checkedClientOptions } from './sftp-backend-client-options.js';

beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(Logger.prototype, 'debug').mockImplementation(() => undefined);
});

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

function keeper(answer: () => Promise<unknown> = () => Promise.resolve({ value: {} })) {
  const renewed: string[][] = [];
  const proxy = new Loopback((_pattern, data) => {
    renewed.push((data as { handles: string[] }).handles);
    return answer();
  });
  const link = new RemoteLink(proxy, checkedClientOptions({}));
  return { leases: new LeaseKeeper(link), renewed };
}

describe('LeaseKeeper', () => {
  it('renews what is held, three times in a lease, as long as it is held', async () => {
    const { leases, renewed } = keeper();
    leases.hold('a', 60_000);
    await jest.advanceTimersByTimeAsync(19_999);
    expect(renewed).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    leases.hold('b', 60_000);
    await jest.advanceTimersByTimeAsync(20_000);
    leases.release('a');
    await jest.advanceTimersByTimeAsync(20_000);
    expect(renewed).toEqual([['a'], ['a', 'b'], ['b']]);
  });

  it('does nothing when nothing is held', async () => {
    const { leases, renewed } = keeper();
    leases.hold('a', 60_000);
    leases.release('a');
    expect(jest.getTimerCount()).toBe(0);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(renewed).toEqual([]);
  });

  it('goes by the shortest lease', async () => {
    const { leases, renewed } = keeper();
    leases.hold('a', 60_000);
    leases.hold('b', 3000);
    await jest.advanceTimersByTimeAsync(1000);
    expect(renewed).toEqual([['a', 'b']]);
  });

  it('sends many in several messages', async () => {
    const { leases, renewed } = keeper();
    for (let index = 0; index < 1201; index++) leases.hold(`handle-${index}`, 60_000);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(renewed.map((batch) => batch.length)).toEqual([500, 500, 201]);
    expect(new Set(renewed.flat()).size).toBe(1201);
  });

  it('has one message under way while the other side does not answer, and goes on when it does', async () => {
    const { leases, renewed } = keeper(() => new Promise(() => undefined));
    leases.hold('a', 3000);
    await jest.advanceTimersByTimeAsync(25_900);
    expect(renewed).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1100);
    expect(renewed).toHaveLength(2);
    leases.stop();
  });
});
