import { EventEmitter } from 'node:events';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Connection as SshConnection } from 'ssh2';

import { Rekeying } from './rekeying.js';

/** What ssh2 shows of a connection, as far as an exchange of keys goes. */
class FakeClient extends EventEmitter {
  readonly _protocol: { _kexinit: object | undefined } = { _kexinit: undefined };
  asked = 0;

  rekey(): void {
    this.asked++;
    this._protocol._kexinit = {};
  }

  finish(): void {
    this._protocol._kexinit = undefined;
    this.emit('rekey');
  }
}

describe('Rekeying', () => {
  let client: FakeClient;
  let socket: { bytesRead: number; bytesWritten: number };
  let lastActivity: number;
  let late: number;
  let done: number;
  let rekeying: Rekeying;

  beforeEach(() => {
    jest.useFakeTimers();
    client = new FakeClient();
    socket = { bytesRead: 5000, bytesWritten: 5000 };
    lastActivity = 0;
    late = 0;
    done = 0;
    rekeying = new Rekeying({
      client: client as unknown as SshConnection,
      socket,
      bytes: 1000,
      interval: 60_000,
      timeout: 100,
      lastActivity: () => lastActivity,
      onDone: () => done++,
      onTimeout: () => late++,
    });
  });
  afterEach(() => {
    rekeying.stop();
    jest.useRealTimers();
  });

  it.each(['bytesRead', 'bytesWritten'] as const)('asks after so many %s, and again', (side) => {
    rekeying.start();
    for (const times of [1, 2, 3]) {
      socket[side] += 999;
      rekeying.check();
      expect(client.asked).toBe(times - 1);
      socket[side] += 1;
      rekeying.check();
      expect([client.asked, rekeying.underWay]).toEqual([times, true]);
      socket[side] += 5000;
      rekeying.check();
      client.finish();
      expect([client.asked, done, rekeying.underWay]).toEqual([times, times, false]);
    }
    expect(late).toBe(0);
  });

  it('asks nothing before the log-in, whatever has come', () => {
    socket.bytesRead += 1_000_000;
    rekeying.check();
    jest.advanceTimersByTime(200_000);
    expect(client.asked).toBe(0);
  });

  it('asks after the interval when something has moved', () => {
    rekeying.start();
    jest.advanceTimersByTime(59_000);
    lastActivity = Date.now();
    jest.advanceTimersByTime(999);
    expect(client.asked).toBe(0);
    jest.advanceTimersByTime(1);
    expect(client.asked).toBe(1);
    client.finish();
    jest.advanceTimersByTime(600_000);
    expect(client.asked).toBe(1);
  });

  it('leaves an idle connection alone until it moves again, keep-alives being nothing', () => {
    rekeying.start();
    jest.advanceTimersByTime(180_000);
    socket.bytesRead += 80;
    rekeying.check();
    expect(client.asked).toBe(0);
    lastActivity = Date.now();
    rekeying.check();
    expect(client.asked).toBe(1);
  });

  it('counts from the exchange that the client has asked for', () => {
    rekeying.start();
    socket.bytesRead += 900;
    client._protocol._kexinit = {};
    rekeying.check();
    client.finish();
    socket.bytesRead += 900;
    rekeying.check();
    expect(client.asked).toBe(0);
  });

  it.each([
    ['the server', () => (socket.bytesRead += 1000)],
    ['the client', () => (client._protocol._kexinit = {})],
  ])('tells once that an exchange which %s has begun takes too long', (_who, begin) => {
    rekeying.start();
    begin();
    rekeying.check();
    jest.advanceTimersByTime(99);
    rekeying.check();
    expect(late).toBe(0);
    jest.advanceTimersByTime(1);
    expect(late).toBe(1);
    jest.advanceTimersByTime(10_000);
    expect(late).toBe(1);
  });

  it('does nothing more once it is stopped', () => {
    rekeying.start();
    socket.bytesRead += 1000;
    rekeying.check();
    rekeying.stop();
    client.emit('rekey');
    jest.advanceTimersByTime(200_000);
    rekeying.check();
    expect([client.asked, late]).toEqual([1, 0]);
  });
});
