import { beforeEach, describe, expect, it } from '@jest/globals';

import { RequestGate } from './request-gate.js';

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function request(method: string, user = 'ann', service = 'ssh-connection'): Buffer {
  return Buffer.concat([Buffer.of(50), text(user), text(service), text(method)]);
}

const ANSWER = Buffer.concat([Buffer.of(61, 0, 0, 0, 1), text('123456')]);

describe('RequestGate', () => {
  let gate: RequestGate;
  let told: string[];

  beforeEach(() => {
    told = [];
    gate = new RequestGate({
      pass: (payload) => told.push(`passes ${payload.toString('latin1', 30)}`),
      acceptService: (name) => told.push(`accepts ${name}`),
      wrongAnswers: () => told.push('wrong answers'),
      violation: (what) => told.push(`violation: ${what}`),
    });
  });

  it('holds a request back until the one before is answered', () => {
    const first = request('password');
    expect(gate.inspect(first)).toBe(first);
    expect(gate.inspect(request('none'))).toBeUndefined();
    expect(gate.inspect(request('publickey'))).toBeUndefined();
    expect(gate.busy).toBe(true);
    gate.answered();
    expect(told).toEqual(['passes none']);
    gate.answered();
    expect(told).toEqual(['passes none', 'passes publickey']);
    gate.answered();
    expect(gate.busy).toBe(false);
  });

  it('keeps a copy of what it holds back', () => {
    gate.inspect(request('password'));
    const held = request('none');
    gate.inspect(held);
    held.fill(0);
    gate.answered();
    expect(told).toEqual(['passes none']);
  });

  it('answers a chain of requests that are answered at once without one inside the other', () => {
    let depth = 0;
    let deepest = 0;
    const eager = new RequestGate({
      pass: () => {
        depth += 1;
        deepest = Math.max(deepest, depth);
        eager.answered();
        depth -= 1;
      },
      acceptService: () => undefined,
      wrongAnswers: () => undefined,
      violation: () => undefined,
    });
    eager.inspect(request('password'));
    for (let n = 0; n < 4; n += 1) eager.inspect(request('none'));
    eager.answered();
    expect(deepest).toBe(1);
    expect(eager.busy).toBe(false);
  });

  it('lets the request that waits break a dialogue off', () => {
    gate.inspect(request('keyboard-interactive'));
    gate.inspect(request('password'));
    expect(told).toEqual([]);
    gate.asked(1);
    expect(told).toEqual(['passes password']);
    // The answer would be one to a question that is no more.
    expect(gate.inspect(ANSWER)).toBeUndefined();
  });

  it('lets answers through once, and only when there is a question', () => {
    expect(gate.inspect(ANSWER)).toBeUndefined();
    gate.inspect(request('keyboard-interactive'));
    expect(gate.inspect(ANSWER)).toBeUndefined();
    gate.asked(1);
    expect(gate.inspect(ANSWER)).toBe(ANSWER);
    expect(gate.inspect(ANSWER)).toBeUndefined();
    gate.asked(2);
    expect(gate.inspect(ANSWER)).toBeUndefined();
    expect(told).toEqual(['wrong answers']);
  });

  it.each([
    ['user', request('none', 'bob')],
    ['user, by an upper-case letter', request('none', 'Ann')],
  ])('ends when another %s comes, also while one is decided', (_what, other) => {
    gate.inspect(request('password'));
    expect(gate.inspect(other)).toBeUndefined();
    expect(told).toEqual(['violation: has changed its user name']);
    expect(gate.inspect(request('password'))).toBeUndefined();
    gate.answered();
    expect(gate.busy).toBe(false);
    expect(told).toHaveLength(1);
  });

  it('holds back four requests, and ends with the fifth', () => {
    for (let n = 0; n < 5; n += 1) gate.inspect(request('password'));
    expect(told).toEqual([]);
    gate.inspect(request('password'));
    expect(told).toEqual(['violation: sends requests to log in without waiting for an answer']);
  });

  it('answers a client that asks for the service again, as paramiko does', () => {
    const service = Buffer.concat([Buffer.of(5), text('ssh-userauth')]);
    expect(gate.inspect(service)).toBe(service);
    expect(told).toEqual([]);
    expect(gate.inspect(service)).toBeUndefined();
    expect(told).toEqual(['accepts ssh-userauth']);
    const other = Buffer.concat([Buffer.of(5), text('ssh-connection')]);
    expect(gate.inspect(other)).toBe(other);
    for (let n = 0; n < 300; n += 1) gate.inspect(service);
    expect(told.at(-1)).toMatch(/^violation: sends more than 256 messages/);
  });

  it('lets all pass that is not about logging in, once it is open', () => {
    const channelOpen = Buffer.of(90);
    gate.inspect(request('password'));
    gate.inspect(request('none'));
    gate.open();
    gate.answered();
    expect(told).toEqual([]);
    expect(gate.inspect(channelOpen)).toBe(channelOpen);
    expect(gate.inspect(request('password'))).toBeUndefined();
    expect(gate.inspect(ANSWER)).toBeUndefined();
  });

  it('lets key exchanges pass at any time, and nothing at all once it is closed', () => {
    const kexInit = Buffer.of(20);
    expect(gate.inspect(kexInit)).toBe(kexInit);
    gate.close();
    expect(gate.inspect(kexInit)).toBeUndefined();
    gate.open();
    expect(gate.inspect(Buffer.of(90))).toBeUndefined();
  });
});
