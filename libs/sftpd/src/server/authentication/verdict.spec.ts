import { describe, expect, it } from '@jest/globals';

import {
  Acceptance,
  type AuthenticationResult,
  PartialSuccess,
  Refusal,
  RESULT_KIND,
} from '../../auth/authenticator.js';
import { verdictOf } from './verdict.js';

/** What an authenticator may return in spite of its types. */
const given = (value: unknown): AuthenticationResult => value as AuthenticationResult;

/** The results as a second copy of this package in the same process defines them. */
const otherCopy = (() => {
  const kind = Symbol.for('nestjs-sftpd.authentication-result');
  class Acceptance {
    readonly [kind] = 'acceptance';
    readonly attributes = { tenant: 1 };
    readonly limits = {};
  }
  class Refusal {
    readonly [kind] = 'refusal';
    readonly reason = 'locked';
    readonly disconnect = true;
  }
  class Postponement {
    readonly [kind] = 'postponement';
    readonly attributes = {};
  }
  return { Acceptance, Refusal, Postponement };
})();

/** The same of a copy that has no mark. */
const unmarked = (() => {
  class Acceptance {
    readonly attributes = {};
    readonly limits = {};
  }
  class PartialSuccess {
    readonly methods = ['password'];
    readonly attributes = {};
  }
  class Refusal {
    readonly reason = 'locked';
    readonly disconnect = false;
  }
  return { Acceptance, PartialSuccess, Refusal };
})();

describe('verdictOf', () => {
  it('takes true, attributes and an Acceptance for a yes', () => {
    expect(verdictOf(true)).toEqual({ kind: 'accepted', attributes: {}, limits: {} });
    const attributes = { tenant: 7 };
    expect(verdictOf(attributes)).toEqual({ kind: 'accepted', attributes, limits: {} });
    const limits = { maxHandles: 5, idleTimeout: undefined } as object;
    expect(verdictOf(new Acceptance(attributes, limits))).toEqual({
      kind: 'accepted',
      attributes,
      limits,
    });
  });

  it('takes an object of a class of the application, and one without a class, for attributes', () => {
    class User {
      readonly id = 7;
    }
    for (const attributes of [new User(), Object.create(null) as object]) {
      expect(verdictOf(given(attributes))).toMatchObject({ kind: 'accepted' });
    }
  });

  it.each([false, null, undefined])('takes %p for a no', (value) => {
    expect(verdictOf(value)).toEqual({ kind: 'refused', disconnect: false });
  });

  it('reads a Refusal', () => {
    expect(verdictOf(new Refusal())).toEqual({ kind: 'refused', disconnect: false });
    expect(verdictOf(new Refusal('no more', true))).toEqual({
      kind: 'refused',
      reason: 'no more',
      disconnect: true,
    });
    expect(verdictOf(given(Object.assign({}, new Refusal('copied'))))).toMatchObject({
      kind: 'refused',
    });
  });

  it('reads a PartialSuccess', () => {
    expect(verdictOf(new PartialSuccess(['password'], { a: 1 }))).toEqual({
      kind: 'partial',
      methods: ['password'],
      attributes: { a: 1 },
    });
  });

  it('knows the results of another copy of this package', () => {
    expect(verdictOf(given(new otherCopy.Acceptance()))).toMatchObject({
      kind: 'accepted',
      attributes: { tenant: 1 },
    });
    expect(verdictOf(given(new otherCopy.Refusal()))).toMatchObject({
      kind: 'refused',
      disconnect: true,
    });
  });

  it.each<[unknown, string]>([
    [new otherCopy.Postponement(), 'a result that this version of nestjs-sftpd does not know'],
    [{ [RESULT_KIND]: undefined }, 'a result that this version'],
    [new unmarked.Refusal(), 'of a class Refusal that is not the one of nestjs-sftpd'],
    [new unmarked.Acceptance(), 'of a class Acceptance'],
    [new unmarked.PartialSuccess(), 'of a class PartialSuccess'],
    [new Error('no'), 'an error; it should be thrown'],
    [[{ tenant: 1 }], 'an array'],
    [new Boolean(false), 'an object of the class Boolean'],
    [new Map(), 'an object of the class Map'],
    [Buffer.from('no'), 'an object of the class Buffer'],
    ['yes', 'a string'],
    [1, 'a number'],
    [() => true, 'a function'],
    [new Acceptance(new Refusal() as never), 'an Acceptance whose attributes'],
    [new Acceptance({}, null as never), 'limits: must be an object'],
    [new Acceptance({}, { maxHandles: 0 }), 'maxHandles: must be a whole number from 1'],
    [new Acceptance({}, { maxHandels: 1 } as object), '"maxHandels" is no limit'],
    [new PartialSuccess([]), 'names no method'],
    [new PartialSuccess('password' as never), 'names no method'],
    [new PartialSuccess(['password'], [] as never), 'a PartialSuccess whose attributes'],
  ])('takes %p for a mistake, and no yes', (value, problem) => {
    const verdict = verdictOf(given(value));
    expect(verdict).toEqual({
      kind: 'invalid',
      problem: expect.stringContaining(problem) as unknown,
    });
  });
});
