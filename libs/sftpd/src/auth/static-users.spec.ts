import { beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { keyFingerprint } from './authorized-key.js';
import * as passwordHash from './password-hash.js';
import { ed25519KeyPair } from './spec-support/key-pairs.js';

const verifyPassword = jest.fn(passwordHash.verifyPassword);
jest.unstable_mockModule('./password-hash.js', () => ({ ...passwordHash, verifyPassword }));
const { StaticUsers } = await import('./static-users.js');

const KEYS = [1, 2, 3].map(() => ed25519KeyPair().public.trim());
const ATTRIBUTES = { tenant: 't1' };

function publicKey(line = ''): { type: string; data: Buffer; fingerprint: string } {
  const [type = '', encoded = ''] = line.split(' ');
  const data = Buffer.from(encoded, 'base64');
  return { type, data, fingerprint: keyFingerprint(data) };
}

describe('StaticUsers', () => {
  let hash = '';

  beforeAll(async () => {
    hash = await passwordHash.hashPassword('hashed');
  });
  beforeEach(() => {
    verifyPassword.mockClear();
  });

  it('lets a user in by plain password, with the attributes', async () => {
    const users = new StaticUsers([
      { username: 'ann', password: 'pässword', attributes: ATTRIBUTES },
      { username: 'bob', password: 'other' },
    ]);
    expect(await users.authenticatePassword('ann', 'pässword')).toBe(ATTRIBUTES);
    expect(await users.authenticatePassword('ann', 'pa\u0308ssword')).toBe(ATTRIBUTES);
    expect(await users.authenticatePassword('bob', 'other')).toEqual({});
    for (const wrong of ['', 'other', 'pässword ', 'Pässword', 'pässword.']) {
      expect(await users.authenticatePassword('ann', wrong)).toBe(false);
    }
  });

  it('lets a user in by password hash', async () => {
    const users = new StaticUsers([
      { username: 'ann', passwordHash: hash, attributes: ATTRIBUTES },
      { username: 'bob', password: 'plain' },
    ]);
    expect(await users.authenticatePassword('ann', 'hashed')).toBe(ATTRIBUTES);
    expect(await users.authenticatePassword('ann', 'plain')).toBe(false);
    expect(await users.authenticatePassword('ann', hash)).toBe(false);
    expect(await users.authenticatePassword('bob', 'hashed')).toBe(false);
    expect(await users.authenticatePassword('bob', 'plain')).toEqual({});
  });

  it.each(['nobody', '', 'Ann', 'ann ', '__proto__', 'constructor'])(
    'does not know %j, whatever the password',
    async (username) => {
      const users = new StaticUsers([
        { username: 'ann', passwordHash: hash },
        { username: 'bob', password: 'plain' },
      ]);
      for (const password of ['hashed', 'plain', '', '.']) {
        expect(await users.authenticatePassword(username, password)).toBe(false);
      }
    },
  );

  it('does no less work for a user who is unknown, has a plain password or only keys', async () => {
    const users = new StaticUsers([
      { username: 'plain', password: 'x' },
      { username: 'hash', passwordHash: hash },
      { username: 'keys', authorizedKeys: [KEYS[0] ?? ''] },
    ]);
    for (const username of ['hash', 'plain', 'keys', 'nobody']) {
      verifyPassword.mockClear();
      await users.authenticatePassword(username, 'x');
      expect(verifyPassword).toHaveBeenCalledTimes(1);
    }
  });

  it('lets nobody in by password who has only keys', async () => {
    const users = new StaticUsers([
      { username: 'ann', authorizedKeys: [KEYS[0] ?? ''] },
      { username: 'bob', passwordHash: hash },
    ]);
    for (const password of ['', '.', 'hashed']) {
      expect(await users.authenticatePassword('ann', password)).toBe(false);
    }
  });

  it('lets a user in by each of the keys, and by no one else’s', () => {
    const users = new StaticUsers([
      {
        username: 'ann',
        authorizedKeys: ['# two of them', `${KEYS[0]} laptop`, '', `restrict ${KEYS[1]}`],
        attributes: ATTRIBUTES,
      },
      { username: 'bob', authorizedKeys: [KEYS[2] ?? ''], password: 'x' },
    ]);
    expect(users.authorizePublicKey('ann', publicKey(KEYS[0]))).toBe(ATTRIBUTES);
    expect(users.authorizePublicKey('ann', publicKey(KEYS[1]))).toBe(ATTRIBUTES);
    expect(users.authorizePublicKey('bob', publicKey(KEYS[2]))).toEqual({});
    expect(users.authorizePublicKey('ann', publicKey(KEYS[2]))).toBe(false);
    expect(users.authorizePublicKey('bob', publicKey(KEYS[0]))).toBe(false);
    expect(users.authorizePublicKey('nobody', publicKey(KEYS[0]))).toBe(false);
    expect(users.authorizePublicKey('ann', publicKey(''))).toBe(false);
  });

  it.each([
    [[{ username: '', password: 'x' }], 'needs a username'],
    [[{ username: 5 as never, password: 'x' }], 'needs a username'],
    [[{ username: 'a"b', password: '' }], 'the user "a\\"b" has an empty password'],
    [
      [
        { username: 'ann', password: 'x' },
        { username: 'ann', password: 'y' },
      ],
      'the user "ann" is there twice',
    ],
    [[{ username: 'ann' }], 'neither password, passwordHash nor authorizedKeys'],
    [[{ username: 'ann', authorizedKeys: [] }], 'neither password'],
    [[{ username: 'ann', authorizedKeys: ['# none'] }], 'neither password'],
    [[{ username: 'ann', password: 'x', passwordHash: 'y' }], 'both password and passwordHash'],
    [[{ username: 'ann', passwordHash: 'x' }], 'the user "ann": passwordHash must look like'],
    [
      [{ username: 'ann', authorizedKeys: [KEYS[0] ?? '', 'nonsense'] }],
      'the user "ann", authorizedKeys[1]: ',
    ],
    [
      [{ username: 'ann', authorizedKeys: [`from="192.0.2.1" ${KEYS[0]}`] }],
      'the user "ann", authorizedKeys[0]: the option from=... is not supported',
    ],
  ])('names the user and what is wrong with it: %j', (users, message) => {
    expect(() => new StaticUsers(users)).toThrow(TypeError);
    expect(() => new StaticUsers(users)).toThrow(message);
  });
});
