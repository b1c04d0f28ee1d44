import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';

import { keyFingerprint, parseAuthorizedKey } from './authorized-key.js';
import { ed25519KeyPair } from './spec-support/key-pairs.js';

const { generateKeyPairSync } = ssh2.utils;
const PUBLIC = {
  'ssh-ed25519': ed25519KeyPair().public,
  'ssh-rsa': generateKeyPairSync('rsa', { bits: 2048 }).public,
  'ecdsa-sha2-nistp256': generateKeyPairSync('ecdsa', { bits: 256 }).public,
  'ecdsa-sha2-nistp384': generateKeyPairSync('ecdsa', { bits: 384 }).public,
  'ecdsa-sha2-nistp521': generateKeyPairSync('ecdsa', { bits: 521 }).public,
};
const ED25519 = PUBLIC['ssh-ed25519'].trim();
const ENCODED = ED25519.split(' ')[1] ?? '';
const DATA = Buffer.from(ENCODED, 'base64');

function hasSshKeygen(): boolean {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}

describe('parseAuthorizedKey', () => {
  it.each(Object.entries(PUBLIC))('takes a key of type %s', (type, line) => {
    const key = parseAuthorizedKey(`${line.trim()} ann@laptop, the second one`);
    expect(key).toEqual({ type, data: Buffer.from(line.split(' ')[1] ?? '', 'base64') });
  });

  it.each(['', '   ', '\t', '\r\n', '# ssh-ed25519 AAAA', '  # a comment'])(
    'finds no key in %j',
    (line) => {
      expect(parseAuthorizedKey(line)).toBeUndefined();
    },
  );

  it.each([
    ['blanks around it', `  ${ED25519}  \r`],
    ['tabs', ED25519.replaceAll(' ', '\t')],
    ['several blanks', ED25519.replaceAll(' ', '   ')],
    ['restrict', `restrict ${ED25519}`],
    ['options in other letters', `Restrict,No-PTY ${ED25519}`],
    [
      'all that is kept by nature',
      `no-agent-forwarding,no-port-forwarding,no-pty,no-user-rc,no-X11-forwarding ${ED25519}`,
    ],
    ['the command internal-sftp', `command="internal-sftp",restrict ${ED25519}`],
  ])('takes a key with %s', (_what, line) => {
    expect(parseAuthorizedKey(line)).toEqual({ type: 'ssh-ed25519', data: DATA });
  });

  it.each([
    ['from="192.0.2.0/24"', 'from'],
    ['from="192.0.2.0/24,2001:db8::/32 and spaces"', 'from'],
    ['command="/bin/sh -c \\"a, b\\""', 'command'],
    ['command="internal-sftp -R"', 'command'],
    ['cert-authority', 'cert-authority'],
    ['expiry-time="20300101"', 'expiry-time'],
    ['restrict,from="192.0.2.1"', 'from'],
    ['from="192.0.2.1",restrict', 'from'],
    ['permitopen="host:22",no-pty', 'permitopen'],
    ['verify-required', 'verify-required'],
    ['pty', 'pty'],
    ['environment="A=b c"', 'environment'],
  ])('refuses a key with %s rather than drop what its owner wrote', (options, name) => {
    const refused = (): unknown => parseAuthorizedKey(`${options} ${ED25519}`);
    expect(refused).toThrow(/^the option .* is not supported$/);
    expect(refused).toThrow(name);
    // What stands in an option may be secret.
    expect(refused).not.toThrow('192.0.2');
  });

  it.each([
    ['an unknown type', `ssh-dss ${ENCODED}`],
    ['a certificate', `ssh-ed25519-cert-v01@openssh.com ${ENCODED}`],
    ['a security key', `sk-ssh-ed25519@openssh.com ${ENCODED}`],
    ['no type', ENCODED],
    ['a word', 'hello'],
    ['options alone', 'restrict'],
    ['a quote that never ends', `command="internal-sftp ${ED25519}`],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
  ])('refuses %s', (_what, line) => {
    expect(() => parseAuthorizedKey(line)).toThrow(Error);
  });

  it.each([
    ['nothing after its type', ''],
    ['no base64', '!!!!'],
    ['its first bytes cut off', ENCODED.slice(8)],
    ['the key of another type', (PUBLIC['ssh-rsa'].split(' ')[1] ?? '').trim()],
    ['its end cut off', ENCODED.slice(0, 40)],
    ['one byte too few', DATA.subarray(0, -1).toString('base64')],
    ['one byte too many', Buffer.concat([DATA, Buffer.alloc(1)]).toString('base64')],
    ['characters that are no base64 in it', `${ENCODED.slice(0, 40)}*${ENCODED.slice(40)}`],
  ])('refuses a key with %s', (_what, encoded) => {
    expect(() => parseAuthorizedKey(`ssh-ed25519 ${encoded} ann`)).toThrow(
      'its ssh-ed25519 key is damaged',
    );
  });
});

describe('keyFingerprint', () => {
  it('is the hash of the key in base64 without padding', () => {
    expect(keyFingerprint(Buffer.alloc(0))).toBe(
      'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU',
    );
  });

  const printed = hasSshKeygen() ? it : it.skip;
  printed.each(Object.entries(PUBLIC))('is what ssh-keygen -lf prints for %s', (_type, line) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fingerprint-'));
    try {
      const file = path.join(folder, 'key.pub');
      writeFileSync(file, `${line.trim()}\n`);
      const output = execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' });
      const data = parseAuthorizedKey(line)?.data ?? Buffer.alloc(0);
      expect(output.split(' ')[1]).toBe(keyFingerprint(data));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
