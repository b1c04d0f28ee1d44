import { describe, expect, it } from '@jest/globals';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';

import { costsOf, parsePasswordHash, verifyPassword } from './password-hash.js';
import { hashPassword } from './scrypt.js';

const PACKAGES = { argon2, bcrypt };
const FILL = 'a'.repeat(43);

function verify(password: string, text: string): Promise<boolean> {
  return verifyPassword(password, parsePasswordHash(text), PACKAGES);
}

function argon2With(parameters: string, mark = 'argon2id$v=19'): string {
  return `$${mark}$${parameters}$c29tZXNhbHQ$${FILL}`;
}

describe('parsePasswordHash', () => {
  it.each([
    '',
    'secret',
    '$',
    '$1$abc',
    '$5$rounds=5000$abc',
    '$SCRYPT$x',
    ' $2b$12$abc',
    '2b$12$',
  ])('shows how a hash looks when it is given %j', (text) => {
    expect(() => parsePasswordHash(text)).toThrow(
      'passwordHash must look like $scrypt$ln=15,r=8,p=1$salt$hash, $2b$12$... (bcrypt) or $argon2id$',
    );
  });

  it.each([
    ['$scrypt$hunter2', 'must look like $scrypt$'],
    ['$2b$12$hunter2', 'must look like $2b$12$ and 53 characters'],
    [`$2x$12$${'a'.repeat(53)}`, 'must look like $2b$12$'],
    [`$2b$5$${'a'.repeat(53)}`, 'must look like $2b$12$'],
    [`$2b$12$${'a'.repeat(54)}`, 'must look like $2b$12$'],
    [`$2b$12$${'a'.repeat(52)}+`, 'must look like $2b$12$'],
    [`$2b$12$${'a'.repeat(53)}\n`, 'must look like $2b$12$'],
    [`$2b$03$${'a'.repeat(53)}`, 'has the bcrypt cost 3; 4 to 15 are taken'],
    [`$2b$16$${'a'.repeat(53)}`, 'has the bcrypt cost 16; 4 to 15 are taken'],
    [`$2y$31$${'a'.repeat(53)}`, 'has the bcrypt cost 31; 4 to 15 are taken'],
    [argon2With('m=65536,t=3,p=4', 'argon2x$v=19'), 'must look like $argon2id$'],
    [argon2With('m=65536,t=3,p=4', 'argon2id$v=20'), 'must look like $argon2id$'],
    [argon2With('m=65536,t=3,p=4,data=YQ'), 'must look like $argon2id$'],
    [argon2With('m=3,m=65536,p=4'), 'must look like $argon2id$'],
    [argon2With('m=4194304,t=1,p=1'), 'm at most 262144 (256 MiB)'],
    [argon2With('m=262145,t=1,p=1'), 'm at most 262144 (256 MiB)'],
    [argon2With('m=262144,t=5,p=1'), 'm * t at most 1048576'],
    [argon2With('m=9999999999,t=9999999999,p=1'), 'm at most'],
    [argon2With('m=65536,t=1,p=17'), 'p at most 16'],
    [argon2With('m=31,t=1,p=4'), 'at least 8 * p'],
    [argon2With('m=65536,t=0,p=1'), 'parameters'],
    [argon2With('m=65536,t=1,p=0'), 'parameters'],
    [`$argon2id$v=19$m=65536,t=3,p=4$${'a'.repeat(10)}$${FILL}`, 'must look like $argon2id$'],
    [`$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$${'a'.repeat(21)}`, 'must look like $argon2id$'],
    [`$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ`, 'must look like $argon2id$'],
  ])('refuses %s and never repeats it', (text, message) => {
    expect(() => parsePasswordHash(text)).toThrow(message);
    expect(() => parsePasswordHash(text)).not.toThrow(text);
  });

  it('takes the parameters of argon2 in any order', () => {
    for (const order of ['m=1024,t=2,p=3', 'm=1024,p=3,t=2', 't=2,p=3,m=1024']) {
      expect(parsePasswordHash(argon2With(order))).toMatchObject({
        memoryKib: 1024,
        passes: 2,
        lanes: 3,
      });
    }
  });

  it('takes the dearest that is allowed', () => {
    expect(parsePasswordHash(`$2b$15$${'a'.repeat(53)}`)).toMatchObject({ cost: 15 });
    expect(parsePasswordHash(argon2With('m=262144,t=4,p=16'))).toMatchObject({ passes: 4 });
  });
});

describe('costsOf', () => {
  it('is the same for hashes that take the same time, and only for those', () => {
    const other = 'b'.repeat(53);
    const costs = [
      `$2a$10$${'a'.repeat(53)}`,
      `$2y$10$${other}`,
      `$2b$11$${other}`,
      argon2With('m=1024,t=1,p=1'),
      argon2With('m=1024,t=1,p=1').replaceAll('a', 'b').replace('brgon', 'argon'),
      argon2With('m=1024,t=1,p=2'),
      argon2With('m=1024,t=2,p=1'),
      argon2With('m=2048,t=1,p=1'),
      argon2With('m=1024,t=1,p=1', 'argon2i$v=19'),
      argon2With('m=1024,t=1,p=1', 'argon2id'),
    ].map((text) => costsOf(parsePasswordHash(text)));
    expect(costs[0]).toBe(costs[1]);
    expect(costs[3]).toBe(costs[4]);
    expect(new Set(costs).size).toBe(costs.length - 2);
  });
});

describe('verifyPassword', () => {
  it('knows hashes that the packages have made, and those of scrypt', async () => {
    const cheap = { memoryCost: 1024, timeCost: 2, parallelism: 1 };
    const hashes = [
      await hashPassword('Grüße 42'),
      await bcrypt.hash('Grüße 42', 4),
      ...(await Promise.all(
        ([argon2.argon2id, argon2.argon2i, argon2.argon2d] as const).map((type) =>
          argon2.hash('Grüße 42', { ...cheap, type }),
        ),
      )),
    ];
    for (const hash of hashes) {
      expect(await verify('Grüße 42', hash)).toBe(true);
      for (const wrong of ['', 'Grüße 4', 'grüße 42', 'Grüße 42 ']) {
        expect(await verify(wrong, hash)).toBe(false);
      }
    }
  });

  it.each([
    // the reference implementation's, of both versions
    [
      'password',
      '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    ],
    [
      'password',
      '$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ',
    ],
    // libxcrypt
    ['rasmuslerdorf', '$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq'],
    ['Grüße', '$2y$05$abcdefghijklmnopqrstuuuIpp3Qi35nuBTAx.3FGSuZ4WaBwdBEi'],
    // crypt_blowfish
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ])('knows %s by a hash of another program', async (password, hash) => {
    expect(await verify(password, hash)).toBe(true);
    expect(await verify(`${password}.`, hash)).toBe(false);
  });

  it('takes no password for bcrypt that bcrypt would cut', async () => {
    const longest = `${'ü'.repeat(35)}ab`;
    const hash = await bcrypt.hash(longest, 4);
    expect(await bcrypt.compare(`${longest}c`, hash)).toBe(true);
    expect(await verify(longest, hash)).toBe(true);
    expect(await verify(`${longest}c`, hash)).toBe(false);
    expect(await verify('', await bcrypt.hash('', 4))).toBe(true);
    expect(await verify('x'.repeat(73), await bcrypt.hash('', 4))).toBe(false);
  });

  it('takes no password for bcrypt with a NUL in it', async () => {
    const hash = await bcrypt.hash('a', 4);
    expect(await bcrypt.compare('a\0a', hash)).toBe(true);
    expect(await verify('a\0a', hash)).toBe(false);
    expect(await verify('a', hash)).toBe(true);
  });

  it('does not go on without the package', async () => {
    for (const text of [`$2b$04$${'a'.repeat(53)}`, argon2With('m=1024,t=1,p=1')]) {
      await expect(verifyPassword('x', parsePasswordHash(text), {})).rejects.toThrow(
        'has not been loaded',
      );
    }
  });
});
