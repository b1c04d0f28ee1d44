import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { ed25519KeyPair } from './key-pair.js';

/** A user's key, as files for the clients. */
export interface ClientKey {
  /** Path of the private key in OpenSSH's format. */
  readonly file: string;
  /** The line for `authorized_keys`. */
  readonly publicLine: string;
}

/** What a client may check a server's identity against. */
export interface HostIdentity {
  /** Path of a `known_hosts` file. */
  readonly knownHosts: string;
  /** `SHA256:...` of each host key, as OpenSSH and PuTTY write it. */
  readonly fingerprints: readonly string[];
}

/** Makes an ed25519 key pair `NAME` and `NAME.pub` in a directory. */
export async function writeKeyPair(directory: string, name: string): Promise<ClientKey> {
  const pair = ed25519KeyPair('test');
  const file = join(directory, name);
  await writeFile(file, pair.private, { mode: 0o600 });
  await writeFile(`${file}.pub`, `${pair.public}\n`);
  return { file, publicLine: pair.public };
}

/**
 * Reads the private host keys of a directory and writes a `known_hosts` for them.
 *
 * @param keyDirectory where the server has its private keys
 * @param knownHosts path of the file to write
 */
export async function writeKnownHosts(
  keyDirectory: string,
  knownHosts: string,
  host: string,
  port: number,
): Promise<HostIdentity> {
  const lines: string[] = [];
  const fingerprints: string[] = [];
  for (const name of await readdir(keyDirectory)) {
    if (name.endsWith('.pub')) continue;
    const key = ssh2.utils.parseKey(await readFile(join(keyDirectory, name)));
    if (key instanceof Error) throw key;
    const blob = key.getPublicSSH();
    lines.push(`[${host}]:${port} ${key.type} ${blob.toString('base64')}\n`);
    const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
    fingerprints.push(`SHA256:${digest}`);
  }
  if (lines.length === 0) throw new Error(`There is no host key in ${keyDirectory}`);
  await writeFile(knownHosts, lines.join(''));
  return { knownHosts, fingerprints };
}
