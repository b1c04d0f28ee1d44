import { describe, expect, it } from '@jest/globals';

import { type PlaceLimits, Places } from './places.js';

const ROOMY: PlaceLimits = {
  maxSessions: 1000,
  maxSessionsPerAddress: 1000,
  maxSessionsPerUser: 1000,
  maxPendingLogins: 1000,
};

function places(limits: Partial<PlaceLimits>): Places {
  return new Places({ ...ROOMY, ...limits });
}

describe('Places', () => {
  it('are as many as maxSessions, and free again when somebody leaves', () => {
    const all = places({ maxSessions: 2 });
    const first = all.take();
    all.take();
    expect(all.shortage()?.reason).toBe('maxSessions');
    first.leave();
    first.leave();
    expect(all.shortage()).toBeUndefined();
    all.take();
    expect(all.shortage()?.detail).toBe('2 are open (option maxSessions)');
  });

  it('hold maxPendingLogins until somebody logs in or leaves', () => {
    const all = places({ maxPendingLogins: 2 });
    const first = all.take();
    const second = all.take();
    expect(all.shortage()?.reason).toBe('maxPendingLogins');
    first.loggedIn();
    first.loggedIn();
    first.leave();
    expect(all.shortage()).toBeUndefined();
    all.take();
    expect(all.shortage()?.reason).toBe('maxPendingLogins');
    second.leave();
    expect(all.shortage()).toBeUndefined();
  });

  it('give one address half of the pending log-ins, so that others get in', () => {
    const all = places({ maxPendingLogins: 5 });
    const greedy = [all.take(), all.take()];
    for (const place of greedy) expect(place.comesFrom('192.0.2.1')).toBeUndefined();
    const third = all.take();
    expect(third.comesFrom('192.0.2.1')?.reason).toBe('maxPendingLogins');
    third.leave();
    expect(all.take().comesFrom('192.0.2.2')).toBeUndefined();
    greedy[0]?.loggedIn();
    expect(all.take().comesFrom('192.0.2.1')).toBeUndefined();
  });

  it('have at least one pending log-in for each address', () => {
    const all = places({ maxPendingLogins: 1 });
    expect(all.take().comesFrom('192.0.2.1')).toBeUndefined();
  });

  it('are counted by address; a place that was refused leaves no count behind', () => {
    const all = places({ maxSessionsPerAddress: 1 });
    const first = all.take();
    expect(first.comesFrom('192.0.2.1')).toBeUndefined();
    const second = all.take();
    expect(second.comesFrom('192.0.2.1')?.reason).toBe('maxSessionsPerAddress');
    second.leave();
    expect(all.take().comesFrom('192.0.2.2')).toBeUndefined();
    first.leave();
    expect(all.take().comesFrom('192.0.2.1')).toBeUndefined();
  });

  it('are counted by user; a limit of the user wins, smaller or larger', () => {
    const all = places({ maxSessionsPerUser: 1 });
    const first = all.take();
    expect(first.admitUser('anna')).toBeUndefined();
    // Asked again, it is the same session.
    expect(first.admitUser('anna')).toBeUndefined();
    expect(all.take().admitUser('anna')?.reason).toBe('maxSessionsPerUser');
    expect(all.take().admitUser('bob')).toBeUndefined();
    expect(all.take().admitUser('anna', 2)).toBeUndefined();
    expect(all.take().admitUser('carl', 0)?.reason).toBe('maxSessionsPerUser');
    first.leave();
    expect(all.take().admitUser('anna', 2)).toBeUndefined();
  });

  it('that have been left count nothing any more', () => {
    const all = places({ maxSessionsPerUser: 1, maxSessionsPerAddress: 1 });
    const late = all.take();
    late.leave();
    late.admitUser('anna');
    late.comesFrom('192.0.2.1');
    const next = all.take();
    expect(next.admitUser('anna')).toBeUndefined();
    expect(next.comesFrom('192.0.2.1')).toBeUndefined();
  });
});
