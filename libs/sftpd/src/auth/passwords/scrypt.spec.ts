import { describe, expect, it } from '@jest/globals';

import { hashPassword, parseScryptHash, verifyScrypt } from './scrypt.js';

const SALT = Buffer.alloc(16, 1).toString('base64').replace(/=+$/, '');
const KEY = Buffer.alloc(32, 2).toString('base64').replace(/=+$/, '');

function hashWith(costs: string): string {
  return `$scrypt$${costs}$${SALT}$${KEY}`;
}

describe('hashes by scrypt', () => {
  it('verify the password that they were made of, and no other', async () => {
    const hash = parseScryptHash(await hashPassword('Grüße 42'));
    expect(await verifyScrypt('Grüße 42', hash)).toBe(true);
    for (const wrong of ['', 'Grüße 4', 'grüße 42', 'Grüße 42 ']) {
      expect(await verifyScrypt(wrong, hash)).toBe(false);
    }
  });

  it('do not care how a character was composed', async () => {
    const hash = parseScryptHash(await hashPassword('caf\u00e9'));
    expect(await verifyScrypt('cafe\u0301', hash)).toBe(true);
  });

  it('have a salt of their own each time', async () => {
    const [one, two] = await Promise.all([hashPassword('x'), hashPassword('x')]);
    expect(one).not.toBe(two);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });

  it('are those of RFC 7914, section 12', async () => {
    const key = Buffer.from(
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
        'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
      'hex',
    );
    const salt = Buffer.from('SodiumChloride');
    const hash = { kind: 'scrypt', logN: 14, blockSize: 8, parallelization: 1, salt, key } as const;
    expect(await verifyScrypt('pleaseletmein', hash)).toBe(true);
  });

  it('are taken apart', () => {
    expect(parseScryptHash(hashWith('ln=4,r=2,p=3'))).toEqual({
      kind: 'scrypt',
      logN: 4,
      blockSize: 2,
      parallelization: 3,
      salt: Buffer.alloc(16, 1),
      key: Buffer.alloc(32, 2),
    });
  });

  it.each([
    '',
    'secret',
    '$2b$12$abcdefghijklmnopqrstuv',
    `$scrypt$ln=15,r=8$${SALT}$${KEY}`,
    `$scrypt$ln=15,r=8,p=1$${SALT}`,
    `$scrypt$ln=15,r=8,p=1$$${KEY}`,
    `$scrypt$ln=15,r=8,p=1$${SALT}$${KEY} `,
    `$scrypt$ln=15,r=8,p=1$${SALT}$${KEY}==`,
    `$scrypt$ln=-1,r=8,p=1$${SALT}$${KEY}`,
    `$scrypt$ln=15,r=8,p=1$${SALT}$${KEY.slice(0, 20)}`,
    ` ${hashWith('ln=15,r=8,p=1')}`,
  ])('are not %j, and the error shows how one looks', (text) => {
    expect(() => parseScryptHash(text)).toThrow('must look like $scrypt$ln=15,r=8,p=1$salt$hash');
  });

  it.each(['ln=0,r=8,p=1', 'ln=15,r=0,p=1', 'ln=15,r=8,p=0'])('do not work with %s', (costs) => {
    expect(() => parseScryptHash(hashWith(costs))).toThrow('parameters');
  });

  it.each(['ln=18,r=8,p=1', 'ln=20,r=8,p=1', 'ln=99,r=1,p=1', 'ln=15,r=999,p=1'])(
    'are not taken when they need more than 256 MiB: %s',
    (costs) => {
      expect(() => parseScryptHash(hashWith(costs))).toThrow('at most 256 MiB');
    },
  );

  it.each(['ln=15,r=8,p=33', 'ln=17,r=8,p=9', 'ln=13,r=8,p=129'])(
    'are not taken when they need more than some two seconds: %s',
    (costs) => {
      expect(() => parseScryptHash(hashWith(costs))).toThrow('p times that at most 1 GiB');
    },
  );

  it('that are accepted can be verified, up to the dearest', async () => {
    for (const costs of ['ln=1,r=1,p=1', 'ln=10,r=8,p=16', 'ln=17,r=8,p=1']) {
      const hash = parseScryptHash(hashWith(costs));
      expect(await verifyScrypt('x', hash)).toBe(false);
    }
  });
});
