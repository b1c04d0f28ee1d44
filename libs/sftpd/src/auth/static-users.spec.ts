import { beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';

import { Refusal, type SftpPublicKey } from './authenticator.js';
import { fingerprint } from './keys/fingerprint.js';
import * as hashPackages from './passwords/hash-packages.js';
import * as passwordHash from './passwords/password-hash.js';
import { hashPassword } from './passwords/scrypt.js';
import { ed25519KeyPair } from './spec-support/key-pairs.js';
import { keyData } from './spec-support/public-keys.js';

const verifyPassword = jest.fn(passwordHash.verifyPassword);
const loadHashPackages = jest.fn(hashPackages.loadHashPackages);
jest.unstable_mockModule('./passwords/password-hash.js', () => ({
  ...passwordHash,
  verifyPassword,
}));
jest.unstable_mockModule('./passwords/hash-packages.js', () => ({ loadHashPackages }));
const { StaticUsers } = await import('./static-users.js');

const KEYS = [1, 2, 3].map(() => ed25519KeyPair().public.trim());
const ATTRIBUTES = { tenant: 't1' };
const HERE = { address: '127.0.0.1' };
const hashes = { scrypt: '', bcrypt: '', dearBcrypt: '', argon2: '' };

function publicKey(line = ''): SftpPublicKey {
  const data = keyData(line);
  return { type: line.split(' ')[0] ?? '', data, fingerprint: fingerprint(data) };
}

/** The kinds and costs of the hashes that were computed, in the order of the alphabet. */
function computed(): string[] {
  return verifyPassword.mock.calls.map(([, hash]) => passwordHash.costsOf(hash)).sort();
}

beforeAll(async () => {
  hashes.scrypt = await hashPassword('hashed');
  hashes.bcrypt = await bcrypt.hash('hashed', 4);
  hashes.dearBcrypt = await bcrypt.hash('hashed', 5);
  hashes.argon2 = await argon2.hash('hashed', { memoryCost: 64, timeCost: 2, parallelism: 1 });
});

beforeEach(() => {
  verifyPassword.mockClear();
  loadHashPackages.mockClear();
});

describe('StaticUsers and passwords', () => {
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

  it.each(['scrypt', 'bcrypt', 'argon2'] as const)('lets a user in by %s', async (kind) => {
    const users = await StaticUsers.create([
      { username: 'ann', passwordHash: hashes[kind], attributes: ATTRIBUTES },
      { username: 'bob', password: 'plain' },
    ]);
    expect(await users.authenticatePassword('ann', 'hashed')).toBe(ATTRIBUTES);
    expect(await users.authenticatePassword('ann', 'plain')).toBe(false);
    expect(await users.authenticatePassword('ann', hashes[kind])).toBe(false);
    expect(await users.authenticatePassword('bob', 'hashed')).toBe(false);
    expect(await users.authenticatePassword('bob', 'plain')).toEqual({});
  });

  it.each(['nobody', '', 'Ann', 'ann ', '__proto__', 'constructor'])(
    'does not know %j, whatever the password',
    async (username) => {
      const users = new StaticUsers([
        { username: 'ann', passwordHash: hashes.scrypt },
        { username: 'bob', password: 'plain' },
      ]);
      for (const password of ['hashed', 'plain', '', '.']) {
        expect(await users.authenticatePassword(username, password)).toBe(false);
      }
    },
  );

  it('does the same work for each password that it refuses, whatever the users have', async () => {
    const users = new StaticUsers([
      { username: 'plain', password: 'x' },
      { username: 'keys', authorizedKeys: [KEYS[0] ?? ''] },
      { username: 'scrypt', passwordHash: hashes.scrypt },
      { username: 'bcrypt', passwordHash: hashes.bcrypt },
      { username: 'bcrypt again', passwordHash: hashes.bcrypt },
      { username: 'dear bcrypt', passwordHash: hashes.dearBcrypt },
      { username: 'argon2', passwordHash: hashes.argon2 },
    ]);
    const everything = [
      'argon2id v=19,m=64,t=2,p=1',
      'bcrypt 4',
      'bcrypt 5',
      'scrypt ln=15,r=8,p=1',
    ];
    const usernames = [
      ...['plain', 'keys', 'scrypt', 'bcrypt', 'bcrypt again', 'dear bcrypt', 'argon2', 'nobody'],
    ];
    for (const username of usernames) {
      verifyPassword.mockClear();
      expect(await users.authenticatePassword(username, 'wrong')).toBe(false);
      expect({ username, computed: computed() }).toEqual({ username, computed: everything });
    }
    // bcrypt would not look at all of it: refused, and paid for like all others.
    verifyPassword.mockClear();
    expect(await users.authenticatePassword('bcrypt', 'x'.repeat(73))).toBe(false);
    expect(computed()).toEqual(everything);
  });

  it('computes the hash of whom it lets in, and no other one', async () => {
    const users = new StaticUsers([
      { username: 'ann', passwordHash: hashes.bcrypt },
      { username: 'bob', passwordHash: hashes.argon2 },
      { username: 'plain', password: 'x' },
    ]);
    expect(await users.authenticatePassword('bob', 'hashed')).toEqual({});
    expect(computed()).toEqual(['argon2id v=19,m=64,t=2,p=1']);
    expect(await users.authenticatePassword('plain', 'x')).toEqual({});
    expect(verifyPassword).toHaveBeenCalledTimes(1);
  });

  it('lets nobody in by password who has only keys', async () => {
    const users = new StaticUsers([
      { username: 'ann', authorizedKeys: [KEYS[0] ?? ''] },
      { username: 'bob', passwordHash: hashes.bcrypt },
    ]);
    for (const password of ['', '.', 'hashed']) {
      expect(await users.authenticatePassword('ann', password)).toBe(false);
    }
  });

  it('checks only so many passwords at once, has some wait, and refuses the rest', async () => {
    const users = new StaticUsers([{ username: 'ann', passwordHash: hashes.bcrypt }], {
      maxConcurrentHashes: 2,
      maxWaitingHashes: 3,
    });
    let running = 0;
    let most = 0;
    let free = (): void => undefined;
    const freed = new Promise<void>((resolve) => (free = resolve));
    verifyPassword.mockImplementation(async () => {
      most = Math.max(most, ++running);
      await freed;
      running -= 1;
      return true;
    });
    const attempts = Array.from({ length: 10 }, () => users.authenticatePassword('ann', 'x'));
    const outcomes = Promise.allSettled(attempts);
    await expect(attempts.at(-1)).rejects.toThrow('option maxWaitingHashes');
    free();
    const statuses = (await outcomes).map(({ status }) => status);
    verifyPassword.mockImplementation(passwordHash.verifyPassword);
    expect(statuses.filter((status) => status === 'fulfilled')).toHaveLength(5);
    expect(most).toBe(2);
  });
});

describe('StaticUsers and optional packages', () => {
  it('loads no package that no hash needs', async () => {
    await StaticUsers.create([
      { username: 'ann', passwordHash: hashes.scrypt },
      { username: 'bob', password: 'x' },
    ]);
    expect(loadHashPackages.mock.calls).toEqual([[new Map()]]);
  });

  it('loads each package once, for the first user who needs it', async () => {
    const users = new StaticUsers([
      { username: 'ann', passwordHash: hashes.argon2 },
      { username: 'bob', passwordHash: hashes.bcrypt },
      { username: 'eve', passwordHash: hashes.dearBcrypt },
    ]);
    expect(loadHashPackages).not.toHaveBeenCalled();
    await Promise.all([users.onModuleInit(), users.onModuleInit()]);
    await users.authenticatePassword('ann', 'hashed');
    expect(loadHashPackages.mock.calls).toEqual([
      [
        new Map([
          ['argon2', 'the user "ann"'],
          ['bcrypt', 'the user "bob"'],
        ]),
      ],
    ]);
  });

  it('refuses everyone when a package is missing, whatever way it was made', async () => {
    const missing = Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' });
    loadHashPackages.mockImplementation((needed) =>
      hashPackages.loadHashPackages(needed, () => Promise.reject(missing)),
    );
    const list = [{ username: 'a"b', passwordHash: hashes.bcrypt }];
    const message =
      'The password hash of the user "a\\"b" needs bcrypt: install with `npm install bcrypt`';
    await expect(StaticUsers.create(list)).rejects.toThrow(message);
    const users = new StaticUsers(list);
    await expect(users.onModuleInit()).rejects.toThrow(message);
    await expect(users.authenticatePassword('a"b', 'hashed')).rejects.toThrow(message);
    await expect(users.authenticatePassword('nobody', 'x')).rejects.toThrow(message);
    loadHashPackages.mockImplementation(hashPackages.loadHashPackages);
  });
});

describe('StaticUsers and keys', () => {
  it('lets a user in by each of the keys, and by no one else’s', () => {
    const users = new StaticUsers([
      {
        username: 'ann',
        authorizedKeys: ['# two of them', `${KEYS[0]} laptop`, '', `restrict ${KEYS[1]}`],
        attributes: ATTRIBUTES,
      },
      { username: 'bob', authorizedKeys: [KEYS[2] ?? ''], password: 'x' },
    ]);
    expect(users.authorizePublicKey('ann', publicKey(KEYS[0]), HERE)).toBe(ATTRIBUTES);
    expect(users.authorizePublicKey('ann', publicKey(KEYS[1]), HERE)).toBe(ATTRIBUTES);
    expect(users.authorizePublicKey('bob', publicKey(KEYS[2]), HERE)).toEqual({});
    expect(users.authorizePublicKey('ann', publicKey(KEYS[2]), HERE)).toBe(false);
    expect(users.authorizePublicKey('bob', publicKey(KEYS[0]), HERE)).toBe(false);
    expect(users.authorizePublicKey('nobody', publicKey(KEYS[0]), HERE)).toBe(false);
    expect(users.authorizePublicKey('ann', publicKey(''), HERE)).toBe(false);
  });

  it('tells why a key is refused that is there', () => {
    const users = new StaticUsers([
      {
        username: 'ann',
        authorizedKeys: [
          `from="10.0.0.0/8" ${KEYS[0]}`,
          `expiry-time="20200101" ${KEYS[1]}`,
          `expiry-time="99990101" ${KEYS[2]}`,
        ],
        attributes: ATTRIBUTES,
      },
    ]);
    const answer = (index: number, address: string): unknown =>
      users.authorizePublicKey('ann', publicKey(KEYS[index]), { address });
    expect(answer(0, '10.1.2.3')).toBe(ATTRIBUTES);
    expect(answer(0, '127.0.0.1')).toEqual(
      new Refusal('the key must not be used from 127.0.0.1 (option from)'),
    );
    expect(answer(1, '10.1.2.3')).toMatchObject({ reason: expect.stringMatching(/expired at/) });
    expect(answer(2, '127.0.0.1')).toBe(ATTRIBUTES);
  });
});

describe('StaticUsers that cannot be', () => {
  const tooMany = Array.from({ length: 9 }, (_, index) => ({
    username: `user ${index}`,
    passwordHash: `$2b$${String(index + 4).padStart(2, '0')}$${'a'.repeat(53)}`,
  }));

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
      [{ username: 'ann', passwordHash: `$2b$31$${'a'.repeat(53)}` }],
      'the user "ann": passwordHash has the bcrypt cost 31',
    ],
    [tooMany, 'have 9 different kinds and costs'],
    [
      [{ username: 'ann', authorizedKeys: [KEYS[0] ?? '', 'nonsense'] }],
      'the user "ann", authorizedKeys[1]: ',
    ],
    [
      [{ username: 'ann', authorizedKeys: [`from="*.example.com" ${KEYS[0]}`] }],
      'the user "ann", authorizedKeys[0]: pattern 1 of the option from is no IP address',
    ],
  ])('names the user and what is wrong with it: %j', (users, message) => {
    expect(() => new StaticUsers(users)).toThrow(TypeError);
    expect(() => new StaticUsers(users)).toThrow(message);
  });

  it('takes as many kinds and costs as each log-in may pay for', () => {
    expect(() => new StaticUsers(tooMany.slice(1))).not.toThrow();
  });
});
