import { describe, expect, it } from '@jest/globals';

import type { SftpBackend } from '../filesystem/backend.js';
import { readChoice, SessionChoiceError } from './session-choice.js';

const method = (): never => {
  throw new Error('not called');
};
const BACKEND: SftpBackend = {
  listDir: method,
  fileInfo: method,
  readFile: method,
  makeDir: method,
  delDir: method,
  delete: method,
  rename: method,
};
const NOTHING_ELSE = {
  mounts: new Map(),
  root: '/',
  createRoot: false,
  readOnly: false,
  permissions: undefined,
};

describe('readChoice', () => {
  it('reads a name, a backend, and a tree of everything', () => {
    expect(readChoice('archive')).toEqual({ ...NOTHING_ELSE, backend: 'archive' });
    expect(readChoice(BACKEND).backend).toBe(BACKEND);
    const permissions = { '/': ['list'], '/inbox': ['list', 'create'] } as const;
    expect(
      readChoice({
        backend: 'archive',
        mounts: { '/inbox': BACKEND },
        root: '/users/anna',
        createRoot: true,
        readOnly: true,
        permissions,
      }),
    ).toEqual({
      backend: 'archive',
      mounts: new Map([['/inbox', BACKEND]]),
      root: '/users/anna',
      createRoot: true,
      readOnly: true,
      permissions,
    });
  });

  it('leaves the backend open for the tree of the server', () => {
    expect(readChoice({ root: '/' })).toEqual({ ...NOTHING_ELSE, backend: undefined });
  });

  it.each(['backend', 'mounts', 'root', 'createRoot', 'readOnly', 'permissions'])(
    'a %s that is there and undefined or null is a mistake, not a wish for everything',
    (key) => {
      for (const value of [undefined, null]) {
        const choice = { backend: 'archive', [key]: value };
        expect(() => readChoice(choice)).toThrow(`its ${key} is ${String(value)}; leave it out`);
      }
    },
  );

  it.each<unknown>([
    undefined,
    null,
    '',
    false,
    true,
    0,
    5,
    [],
    ['a'],
    {},
    () => 'archive',
    Symbol(),
  ])('refuses %p', (value) => {
    expect(() => readChoice(value)).toThrow(SessionChoiceError);
  });

  it.each([
    'users/anna',
    '/users/anna/',
    '/users//anna',
    '/users/./anna',
    '/users/../..',
    '/users/\0',
    '',
    5,
    ['/users'],
  ])('refuses the root %p', (root) => {
    expect(() => readChoice({ root })).toThrow('its root must be');
  });

  it.each<unknown>([
    {},
    [],
    'list',
    { '/': 'list' },
    { '/': ['all'] },
    { '/': [1] },
    { a: ['list'] },
  ])('refuses the permissions %p', (permissions) => {
    expect(() => readChoice({ permissions })).toThrow(SessionChoiceError);
  });

  it.each<unknown>([
    {},
    [],
    { inbox: 'a' },
    { '/inbox': '' },
    { '/inbox': {} },
    { '/inbox': null },
  ])('refuses the mounts %p', (mounts) => {
    expect(() => readChoice({ mounts })).toThrow(SessionChoiceError);
  });

  it('an unknown key is refused, also when it is meant well', () => {
    expect(() => readChoice({ backend: 'a', readonly: true })).toThrow(
      '"readonly" cannot be chosen; known are backend, mounts, root',
    );
  });
});
