import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import ssh2 from 'ssh2';

import { fingerprint } from '../auth/keys/fingerprint.js';
import { ed25519KeyPair } from '../auth/spec-support/key-pairs.js';
import { type HostKey, type HostKeyOptions, loadHostKeys } from './host-keys.js';

const { generateKeyPairSync } = ssh2.utils;
const PASSPHRASE = 'open sesame';
const PLAIN = ed25519KeyPair();
const LOCKED = ed25519KeyPair({
  passphrase: PASSPHRASE,
  cipher: 'aes256-ctr',
  rounds: 2,
});
const NAMES = ['ssh_host_ecdsa_key', 'ssh_host_ed25519_key', 'ssh_host_rsa_key'];

function fingerprintOf(publicKey: string): string {
  return fingerprint(Buffer.from(publicKey.split(' ')[1] ?? '', 'base64'));
}

describe('loadHostKeys', () => {
  let folder = '';
  let lines: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'host-keys-'));
    lines = [];
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function load(options: HostKeyOptions): Promise<HostKey[]> {
    const told =
      (level: string) =>
      (message: string): void =>
        void lines.push(`${level} ${message}`);
    const log = {
      debug: told('debug'),
      log: told('log'),
      warn: told('warn'),
      error: told('error'),
    };
    return loadHostKeys(options, log);
  }

  it('makes a key anew that came out unusable, as ssh2 does now and then', async () => {
    const make = jest.spyOn(ssh2.utils, 'generateKeyPair');
    make.mockImplementationOnce((...args: unknown[]) => {
      const done = args.at(-1) as (error: null, pair: typeof PLAIN) => void;
      done(null, { private: PLAIN.private.slice(0, 200), public: PLAIN.public });
    });
    try {
      const keys = await load({ directory: folder, create: true });
      expect(keys.map(({ type }) => type).sort()).toEqual([
        'ecdsa-sha2-nistp256',
        'ssh-ed25519',
        'ssh-rsa',
      ]);
      expect(make).toHaveBeenCalledTimes(4);
    } finally {
      make.mockRestore();
    }
  });

  async function put(name: string, content: string, mode = 0o600): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(file, content, { mode });
    return file;
  }

  describe('makes keys', () => {
    it('in a directory that it makes, for its owner only, and finds them again', async () => {
      const directory = path.join(folder, 'deep', 'keys');
      const keys = await load({ directory, create: true });
      expect(keys.map(({ type }) => type).sort()).toEqual([
        'ecdsa-sha2-nistp256',
        'ssh-ed25519',
        'ssh-rsa',
      ]);
      expect((await readdir(directory)).sort()).toEqual(
        NAMES.flatMap((name) => [name, `${name}.pub`]),
      );
      for (const name of NAMES) {
        expect((await stat(path.join(directory, name))).mode & 0o777).toBe(0o600);
      }
      const written = await Promise.all(
        NAMES.map((name) => readFile(path.join(directory, `${name}.pub`), 'utf8')),
      );
      expect(written.map(fingerprintOf)).toEqual(keys.map(({ fingerprint }) => fingerprint));
      expect(lines).toEqual([`log Made new host keys in ${directory}`]);

      expect(await load({ directory, create: true })).toEqual(keys);
      expect(await load({ directory })).toEqual(keys);
      expect(lines).toHaveLength(1);
    }, 30_000);

    it('once, when two servers start on one directory', async () => {
      const options = { directory: path.join(folder, 'shared'), create: true };
      const [one, other] = await Promise.all([load(options), load(options)]);
      const print = (keys: HostKey[]): string[] => keys.map(({ fingerprint }) => fingerprint);
      expect(print(await load(options))).toHaveLength(3);
      // A server that read while the other was still writing may know fewer keys, but no other ones.
      const all = print(await load(options));
      expect(all).toEqual(expect.arrayContaining(print(one)));
      expect(all).toEqual(expect.arrayContaining(print(other)));
      expect((await readdir(options.directory)).sort()).toEqual(
        NAMES.flatMap((name) => [name, `${name}.pub`]),
      );
      for (const name of NAMES) {
        const publicKey = await readFile(path.join(options.directory, `${name}.pub`), 'utf8');
        expect(all).toContain(fingerprintOf(publicKey));
      }
    }, 60_000);

    it('not where there is one already', async () => {
      await put('mine', PLAIN.private);
      const keys = await load({ directory: folder, create: true });
      expect(keys.map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf(PLAIN.public)]);
      expect(await readdir(folder)).toEqual(['mine']);
    });

    it('not without being asked to', async () => {
      const loading = load({ directory: folder });
      await expect(loading).rejects.toThrow('hostKeys.directory:');
      await expect(loading).rejects.toThrow(folder);
      await expect(loading).rejects.toThrow('ssh-keygen -t ed25519');
      await expect(loading).rejects.toThrow('set hostKeys.create to true');
      expect(await readdir(folder)).toEqual([]);
    });

    it('not in a directory that is not there, without being asked to', async () => {
      const directory = path.join(folder, 'missing');
      await expect(load({ directory })).rejects.toThrow(
        `hostKeys.directory: ${directory} cannot be used (ENOENT)`,
      );
      expect(await readdir(folder)).toEqual([]);
    });

    it('not where a file is in the way', async () => {
      const file = await put('file', 'x');
      await expect(load({ directory: file, create: true })).rejects.toThrow(
        new RegExp(`hostKeys\\.directory: ${file} cannot be used \\((EEXIST|ENOTDIR)\\)`),
      );
    });
  });

  describe('reads', () => {
    it('every private key of a directory and leaves the rest alone', async () => {
      const other = generateKeyPairSync('ecdsa', { bits: 256 });
      await put('a_key', PLAIN.private);
      await put('a_key.pub', PLAIN.public);
      await put('b_key', other.private);
      await put('.hidden', LOCKED.private);
      await put('README', 'Keep these keys safe.');
      await put('public', PLAIN.public);
      await mkdir(path.join(folder, 'old'));
      const keys = await load({ directory: folder });
      expect(keys.map(({ fingerprint }) => fingerprint)).toEqual(
        [PLAIN, other].map((pair) => fingerprintOf(pair.public)),
      );
      expect(lines).toEqual([]);
    });

    it('a secret that Kubernetes has mounted, which is links to a hidden directory', async () => {
      const version = path.join(folder, '..2026_11_28_20_00_00.123');
      await mkdir(version);
      await symlink(path.basename(version), path.join(folder, '..data'));
      for (const [name, text] of [
        ['ssh_host_ed25519_key', PLAIN.private],
        ['ssh_host_ed25519_key.pub', PLAIN.public],
      ] as const) {
        await writeFile(path.join(version, name), text, { mode: 0o440 });
        await symlink(path.join('..data', name), path.join(folder, name));
      }
      const keys = await load({ directory: folder });
      expect(keys.map((key) => key.fingerprint)).toEqual([fingerprintOf(PLAIN.public)]);
    });

    it('directory, files and keys together', async () => {
      const rsa = generateKeyPairSync('rsa', { bits: 2048 });
      await mkdir(path.join(folder, 'keys'));
      await put('keys/one', PLAIN.private);
      const keys = await load({
        directory: path.join(folder, 'keys'),
        files: [await put('two', rsa.private)],
        keys: [{ key: LOCKED.private, passphrase: PASSPHRASE }],
      });
      expect(keys.map(({ fingerprint }) => fingerprint)).toEqual(
        [PLAIN, rsa, LOCKED].map((pair) => fingerprintOf(pair.public)),
      );
    });

    it.each([
      ['a text', PLAIN.private],
      ['bytes', Buffer.from(PLAIN.private)],
      ['an object', { key: PLAIN.private }],
    ])('a key that is given as %s', async (_what, key) => {
      const [read] = await load({ keys: [key] });
      expect(read).toMatchObject({
        type: 'ssh-ed25519',
        fingerprint: fingerprintOf(PLAIN.public),
      });
    });

    it('a key with its passphrase, and keeps both for ssh2', async () => {
      const key = { key: LOCKED.private, passphrase: PASSPHRASE };
      const [read] = await load({ keys: [key] });
      expect(read).toEqual({
        type: 'ssh-ed25519',
        fingerprint: fingerprintOf(LOCKED.public),
        privateKey: key,
      });
    });

    const posix = process.platform === 'win32' ? it.skip : it;

    posix.each([0o644, 0o640, 0o604, 0o666])('a file of mode %o with a warning', async (mode) => {
      const file = await put('open', PLAIN.private);
      await chmod(file, mode);
      expect(await load({ files: [file] })).toHaveLength(1);
      expect(lines).toEqual([`warn The host key ${file} can be read by others; chmod 600 it`]);
    });

    posix.each([0o600, 0o400])('a file of mode %o without a warning', async (mode) => {
      const file = await put('closed', PLAIN.private);
      await chmod(file, mode);
      await load({ files: [file] });
      expect(lines).toEqual([]);
    });
  });

  describe('names what it cannot use', () => {
    it.each([
      ['garbage', 'nonsense', 'is no private key that can be read'],
      ['an empty file', '', 'is no private key that can be read'],
      ['a public key', PLAIN.public, 'is a public key; the private one is needed'],
      ['a locked key', LOCKED.private, 'is no private key that can be read'],
      ['a cut key', PLAIN.private.slice(0, 120), 'is no private key that can be read'],
    ])('%s in a file', async (_what, content, message) => {
      const file = await put('key', content);
      await expect(load({ files: [file] })).rejects.toThrow(`hostKeys: ${file} ${message}`);
    });

    it('a file that is not there', async () => {
      const file = path.join(folder, 'missing');
      await expect(load({ files: [file] })).rejects.toThrow(
        `hostKeys: ${file} cannot be read (ENOENT)`,
      );
    });

    it('a directory instead of a file', async () => {
      await expect(load({ files: [folder] })).rejects.toThrow(
        `hostKeys: ${folder} cannot be read (EISDIR)`,
      );
    });

    it('a damaged key in a directory', async () => {
      const file = await put('damaged', PLAIN.private.replace(/[A-Za-z]{20}/, 'A'.repeat(20)));
      await expect(load({ directory: folder })).rejects.toThrow(`hostKeys: ${file} is no private`);
    });

    it('a key that is handed over', async () => {
      await expect(load({ keys: [PLAIN.private, 'nonsense'] })).rejects.toThrow(
        'hostKeys.keys[1] is no private key that can be read',
      );
      await expect(load({ keys: [{ key: LOCKED.private, passphrase: 'wrong' }] })).rejects.toThrow(
        'hostKeys.keys[0] is no private key that can be read',
      );
    });

    it.each([{}, { files: [] }, { keys: [] }, { create: true }])(
      'nothing at all: %j',
      async (options) => {
        await expect(load(options)).rejects.toThrow('hostKeys: no usable host key');
      },
    );

    it('without showing the key', async () => {
      const secret = PLAIN.private.split('\n')[1] ?? '';
      const error = await load({ keys: [PLAIN.private.slice(0, 120)] }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).not.toContain(secret.slice(0, 30));
    });
  });
});
