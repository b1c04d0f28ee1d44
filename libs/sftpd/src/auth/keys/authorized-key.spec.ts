import { describe, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';

import { encodeFields, keyData, PUBLIC_KEYS } from '../spec-support/public-keys.js';
import { decodeAuthorizedKey } from './authorized-key.js';

const ED25519 = PUBLIC_KEYS['ssh-ed25519'];
const ENCODED = ED25519.split(' ')[1] ?? '';
const DATA = keyData(ED25519);
const PLAIN = { type: 'ssh-ed25519', data: DATA, comment: '', options: { restrict: false } };

function ecdsa(curve: string, point: Buffer): string {
  const type = 'ecdsa-sha2-nistp256';
  return `${type} ${encodeFields(type, curve, point).toString('base64')}`;
}

function rsa(modulus: Buffer, exponent = Buffer.of(1, 0, 1)): string {
  return `ssh-rsa ${encodeFields('ssh-rsa', exponent, modulus).toString('base64')}`;
}

/** A positive odd number of so many bits, a multiple of 8. */
function modulus(bits: number): Buffer {
  return Buffer.concat([Buffer.of(0), Buffer.alloc(bits / 8, 0xff)]);
}

describe('decodeAuthorizedKey', () => {
  it.each(Object.entries(PUBLIC_KEYS))('takes a key of type %s', (type, line) => {
    expect(decodeAuthorizedKey(`${line} ann@laptop, the "second" one # 2`)).toEqual({
      type,
      data: keyData(line),
      comment: 'ann@laptop, the "second" one # 2',
      options: { restrict: false },
    });
  });

  it.each(['', '   ', '\t', '\r\n', '\uFEFF', '# ssh-ed25519 AAAA', '  # a comment', '\uFEFF# x'])(
    'finds no key in %j',
    (line) => {
      expect(decodeAuthorizedKey(line)).toBeUndefined();
    },
  );

  it.each([
    ['nothing around it', ED25519],
    ['blanks around it', `  ${ED25519}  \r`],
    ['a line break of Windows', `${ED25519}\r\n`],
    ['a byte order mark', `\uFEFF${ED25519}`],
    ['tabs', ED25519.replaceAll(' ', '\t')],
    ['several blanks', ED25519.replaceAll(' ', '   ')],
  ])('takes a key with %s', (_what, line) => {
    expect(decodeAuthorizedKey(line)).toEqual(PLAIN);
  });

  it('takes options before the key', () => {
    const options = 'Restrict,no-PTY,command="internal-sftp",from="10.0.0.0/8,!10.1.*"';
    expect(decodeAuthorizedKey(`${options},expiry-time="20300102Z" \t${ED25519} ann`)).toEqual({
      ...PLAIN,
      comment: 'ann',
      options: {
        restrict: true,
        command: 'internal-sftp',
        from: ['10.0.0.0/8', '!10.1.*'],
        expiryTime: new Date('2030-01-02T00:00:00Z'),
      },
    });
  });

  it('finds the key behind blanks, commas and quotes within quotes', () => {
    const refused = (option: string) => () => decodeAuthorizedKey(`${option} ${ED25519}`);
    // That it is the option which is refused shows that its end was found.
    expect(refused('command="/bin/sh -c \\"a, b\\" # c"')).toThrow('the option command cannot');
    expect(refused('environment="A=\\\\" B",pty')).toThrow('the option environment cannot');
    expect(refused('restrict,environment="A=b, c"')).toThrow('the option environment cannot');
  });

  it.each([
    ['the word hello', 'hello', 'no key of a supported type'],
    ['a type that nobody knows', `ssh-ed448 ${ENCODED}`, 'no key of a supported type'],
    ['no type', ENCODED, 'no key of a supported type'],
    ['options alone', 'restrict', 'no key of a supported type'],
    ['options after a blank', `restrict, no-pty ${ED25519}`, 'no key of a supported type'],
    ['a quote that never ends', `from="10.0.0.1 ${ED25519}`, 'a quote in its options has no end'],
    ['an escaped last quote', `from="10.0.0.1\\" ${ED25519}`, 'a quote in its options has no end'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----', 'no key of a supported type'],
    ['DSA', `ssh-dss ${ENCODED}`, 'a DSA key'],
    ['DSA with options', `restrict ssh-dss ${ENCODED}`, 'a DSA key'],
    ['a certificate', `ssh-ed25519-cert-v01@openssh.com ${ENCODED}`, 'certificates are not'],
    ['an RSA certificate', `pty ssh-rsa-cert-v01@openssh.com ${ENCODED}`, 'certificates are not'],
    ['a security key', `sk-ssh-ed25519@openssh.com ${ENCODED}`, 'FIDO authenticator'],
    ['its ECDSA kind', `sk-ecdsa-sha2-nistp256@openssh.com ${ENCODED}`, 'FIDO authenticator'],
    ['two lines', `${ED25519}\n${ED25519}`, 'more than one line'],
    ['a NUL', `${ED25519} a\0b`, 'more than one line'],
    ['a line that is far too long', `${ED25519} ${'x'.repeat(16_384)}`, 'too long'],
  ])('refuses %s', (_what, line, message) => {
    expect(() => decodeAuthorizedKey(line)).toThrow(message);
  });

  it('repeats nothing of what may be secret', () => {
    const secret = 'b3BlbnNzaC1rZXktdjEAAAAA';
    for (const line of [secret, `${secret} x`, `ssh-ed25519 ${secret}`, `ssh-rsa ${secret}`]) {
      expect(() => decodeAuthorizedKey(line)).not.toThrow(secret);
      expect(() => decodeAuthorizedKey(line)).toThrow(Error);
    }
  });

  it.each([
    ['nothing after its type', ''],
    ['no base64', '!!!!'],
    ['base64 of nothing', '===='],
    ['base64 in the letters of URLs', ENCODED.replaceAll(/[+/A]/g, '-')],
    ['base64 whose last bits are too many', `${ENCODED.slice(0, -1)}=`],
    ['padding that is missing', encodeFields('ssh-ed25519', 'x').toString('base64').slice(0, -1)],
    ['its first bytes cut off', ENCODED.slice(8)],
    ['its end cut off', ENCODED.slice(0, 40)],
    ['one byte too few', DATA.subarray(0, -1).toString('base64')],
    ['one byte too many', Buffer.concat([DATA, Buffer.alloc(1)]).toString('base64')],
    ['one field too many', Buffer.concat([DATA, encodeFields('')]).toString('base64')],
    ['a shorter point', encodeFields('ssh-ed25519', Buffer.alloc(31)).toString('base64')],
    ['characters that are no base64 in it', `${ENCODED.slice(0, 40)}*${ENCODED.slice(40)}`],
    ['a length of 4 GiB', Buffer.alloc(51, 0xff).toString('base64')],
  ])('refuses a key with %s', (_what, encoded) => {
    expect(() => decodeAuthorizedKey(`ssh-ed25519 ${encoded}`)).toThrow(
      'its ssh-ed25519 key is damaged',
    );
  });

  it('names the type that a key really has', () => {
    const encoded = PUBLIC_KEYS['ssh-rsa'].split(' ')[1] ?? '';
    expect(() => decodeAuthorizedKey(`ssh-ed25519 ${encoded}`)).toThrow(
      'its ssh-ed25519 key is a key of type ssh-rsa',
    );
  });

  it.each([
    ['another curve', ecdsa('nistp384', Buffer.alloc(65, 4))],
    ['a point of another curve', ecdsa('nistp256', Buffer.alloc(97, 4))],
    ['a compressed point', ecdsa('nistp256', Buffer.alloc(65, 2))],
    ['no point', ecdsa('nistp256', Buffer.alloc(0))],
  ])('refuses an ECDSA key of %s', (_what, line) => {
    expect(() => decodeAuthorizedKey(line)).toThrow('its ecdsa-sha2-nistp256 key is damaged');
  });

  it('takes RSA keys of 2048 to 16384 bits', () => {
    for (const bits of [2048, 4096, 16_384]) {
      expect(decodeAuthorizedKey(rsa(modulus(bits)))).toMatchObject({ type: 'ssh-rsa' });
    }
    const short = ssh2.utils.generateKeyPairSync('rsa', { bits: 1024 }).public;
    expect(() => decodeAuthorizedKey(short)).toThrow(
      'its ssh-rsa key has 1024 bits; at least 2048 are needed',
    );
    const almost = Buffer.concat([Buffer.of(0x7f), Buffer.alloc(255, 0xff)]);
    expect(() => decodeAuthorizedKey(rsa(almost))).toThrow('has 2047 bits');
    expect(() => decodeAuthorizedKey(rsa(modulus(16_392)))).toThrow('at most 16384');
  });

  it.each([
    ['a negative modulus', rsa(Buffer.alloc(256, 0xff))],
    ['needless zeros', rsa(Buffer.concat([Buffer.of(0), modulus(2048)]))],
    ['zeros in place of bits', rsa(Buffer.concat([Buffer.alloc(300), Buffer.of(1)]))],
    ['an even modulus', rsa(Buffer.concat([modulus(2048).subarray(0, -1), Buffer.of(0xfe)]))],
    ['no exponent', rsa(modulus(2048), Buffer.alloc(0))],
    ['an even exponent', rsa(modulus(2048), Buffer.of(2))],
    ['no modulus', rsa(Buffer.alloc(0))],
  ])('refuses an RSA key with %s', (_what, line) => {
    expect(() => decodeAuthorizedKey(line)).toThrow('its ssh-rsa key is damaged');
  });
});
