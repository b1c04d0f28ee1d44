import { describe, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';

import { ed25519KeyPair } from '../auth/spec-support/key-pairs.js';
import { lastResortHostKeys, LEGACY_ALGORITHMS, MODERN_ALGORITHMS } from './algorithms.js';
import type { HostKey } from './host-keys.js';
import { offeredHostKeys } from './offered-host-keys.js';

const { generateKeyPairSync } = ssh2.utils;

const hostKey = (type: string, privateKey: HostKey['privateKey']): HostKey => ({
  type,
  fingerprint: '',
  privateKey,
});

const ED25519 = hostKey('ssh-ed25519', ed25519KeyPair().private);
const RSA = hostKey('ssh-rsa', generateKeyPairSync('rsa', { bits: 2048 }).private);
const ECDSA = hostKey(
  'ecdsa-sha2-nistp256',
  generateKeyPairSync('ecdsa', { bits: 256, passphrase: 'p', cipher: 'aes256-ctr' }).private,
);
const LOCKED = hostKey(ECDSA.type, { key: ECDSA.privateKey as string, passphrase: 'p' });

const typesOf = (hostKeys: readonly HostKey[], algorithms: readonly string[]): string[] =>
  offeredHostKeys(hostKeys, algorithms).map(({ type }) => type);

describe('offeredHostKeys', () => {
  it('offers an RSA key without SHA-1, and the modern types alone', () => {
    expect(typesOf([LOCKED, RSA, ED25519], MODERN_ALGORITHMS.serverHostKey)).toEqual([
      'ssh-ed25519',
      'rsa-sha2-512',
      'rsa-sha2-256',
    ]);
  });

  it('offers all in the order of the list', () => {
    expect(typesOf([LOCKED, RSA, ED25519], LEGACY_ALGORITHMS.serverHostKey)).toEqual([
      'ssh-ed25519',
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ecdsa-sha2-nistp256',
      'ssh-rsa',
    ]);
    expect(typesOf([RSA, ED25519], ['ssh-rsa', 'ssh-ed25519'])).toEqual(['ssh-rsa', 'ssh-ed25519']);
  });

  it('gives keys that sign as the keys they are', () => {
    const [offered] = offeredHostKeys([RSA], ['rsa-sha2-512']);
    const plain = ssh2.utils.parseKey(RSA.privateKey as string);
    if (plain instanceof Error) throw plain;
    const data = Buffer.from('data');
    const signature = offered!.sign(data, 'sha512');
    expect(plain.verify(data, signature, 'sha512')).toBe(true);
    expect(offered?.getPublicSSH()).toEqual(plain.getPublicSSH());
  });

  it('comes to the last resort where there is no other key, and only there', () => {
    const lastResort = lastResortHostKeys('modern');
    const modern = MODERN_ALGORITHMS.serverHostKey;
    expect(offeredHostKeys([LOCKED], modern, lastResort).map(({ type }) => type)).toEqual([
      'ecdsa-sha2-nistp256',
    ]);
    expect(offeredHostKeys([LOCKED, ED25519], modern, lastResort).map(({ type }) => type)).toEqual([
      'ssh-ed25519',
    ]);
    expect(lastResortHostKeys({ serverHostKey: ['ssh-ed25519'] })).toEqual([]);
  });

  it('says what to do where there is no key for what is allowed', () => {
    expect(() => offeredHostKeys([LOCKED], MODERN_ALGORITHMS.serverHostKey)).toThrow(
      /^hostKeys: there are keys of the type ecdsa-sha2-nistp256 alone, .*ssh-ed25519, rsa-sha2-512, rsa-sha2-256 alone\. Add an ed25519 key .* or change algorithms$/,
    );
  });
});
