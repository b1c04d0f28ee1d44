import { beforeEach, describe, expect, it } from '@jest/globals';

import { availableMethods, firstMethods, LoginProgress } from './login-progress.js';

const yes = (): boolean => true;

describe('LoginProgress', () => {
  let login: LoginProgress;

  beforeEach(() => {
    login = new LoginProgress(['publickey', 'keyboard-interactive'], ['publickey']);
    login.requestedFor('ann', 'ssh-connection');
  });

  it('begins with the first methods, as far as they are there', () => {
    expect(login.allowed).toEqual(['publickey']);
    expect(login.allows('keyboard-interactive')).toBe(false);
    expect(new LoginProgress(['password']).allowed).toEqual(['password']);
    expect(new LoginProgress(['password'], ['publickey']).allowed).toEqual([]);
    expect(login.progress).toEqual({ succeeded: [], attributes: {} });
  });

  it('goes on with the methods that a partial success names, and joins the attributes', () => {
    expect(login.advance('publickey', ['keyboard-interactive'], { a: 1, b: 1 })).toBeUndefined();
    expect(login.allowed).toEqual(['keyboard-interactive']);
    expect(login.progress).toEqual({ succeeded: ['publickey'], attributes: { a: 1, b: 1 } });
    expect(login.merged({ b: 2 })).toEqual({ a: 1, b: 2 });
  });

  it('hands out what nobody can change', () => {
    login.advance('publickey', ['keyboard-interactive'], { a: 1 });
    expect(Object.isFrozen(login.progress)).toBe(true);
    expect(Object.isFrozen(login.progress.attributes)).toBe(true);
    expect(Object.isFrozen(login.progress.succeeded)).toBe(true);
  });

  it.each([
    ['bob', 'ssh-connection'],
    ['ann', 'ssh-other'],
    ['', 'ssh-connection'],
  ])('starts anew for the user %j and the service %j', (username, service) => {
    login.advance('publickey', ['keyboard-interactive'], { a: 1 });
    login.requestedFor('ann', 'ssh-connection');
    expect(login.allows('keyboard-interactive')).toBe(true);
    login.requestedFor(username, service);
    expect(login.allowed).toEqual(['publickey']);
    expect(login.progress).toEqual({ succeeded: [], attributes: {} });
    // The way back is none either.
    login.requestedFor('ann', 'ssh-connection');
    expect(login.allowed).toEqual(['publickey']);
  });

  it.each(['password', 'none', 'nonsense', 5])('refuses to go on with %p', (name) => {
    expect(login.advance('publickey', ['keyboard-interactive', name as never], {})).toMatch(
      /which it cannot check itself$/,
    );
    expect(login.allowed).toEqual(['publickey']);
  });

  it('has an end when the authenticator finds none, for all users of a connection together', () => {
    const problems = Array.from({ length: 10 }, (_each, n) => {
      login.requestedFor(`user ${n % 2}`, 'ssh-connection');
      return login.advance('publickey', ['publickey'], {});
    });
    expect(problems.filter((problem) => problem === undefined)).toHaveLength(8);
    expect(problems.at(-1)).toBe('has asked for more than 8 further steps');
  });
});

describe('availableMethods', () => {
  it('are those that the authenticator has, dialogues where there can be some', () => {
    const all = {
      authenticatePassword: yes,
      authorizePublicKey: yes,
      keyboardInteractive: yes,
    };
    expect(availableMethods(all, true)).toEqual(['publickey', 'password', 'keyboard-interactive']);
    expect(availableMethods(all, false)).toEqual(['publickey', 'password']);
    expect(availableMethods({ keyboardInteractive: yes }, true)).toEqual(['keyboard-interactive']);
  });
});

describe('firstMethods', () => {
  it('are all where none are named, and none where what names them is no list', () => {
    expect(firstMethods({})).toBeUndefined();
    expect(firstMethods({ firstMethods: ['password'] })).toEqual(['password']);
    expect(firstMethods({ firstMethods: 'password' as never })).toEqual([]);
  });
});
