import { randomBytes } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import ssh2 from 'ssh2';

import { errorCode } from './error-code.js';

/** The types of host keys that can be made here, by the names that `ssh-keygen -t` has for them. */
export const HOST_KEY_TYPES = ['ed25519', 'ecdsa', 'rsa'] as const;

/** One of {@link HOST_KEY_TYPES}. */
export type HostKeyType = (typeof HOST_KEY_TYPES)[number];

/** A key pair in OpenSSH's formats. */
interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** How often a host key is made anew when it came out unusable. */
const MAX_TRIES = 20;
const ECDSA_BITS = 256;
const RSA_BITS = 3072;

/** The file of a directory in which {@link makeHostKey} puts a key of a type, by the name that sshd gives it. */
export function hostKeyFile(directory: string, type: HostKeyType): string {
  return path.join(directory, `ssh_host_${type}_key`);
}

/**
 * Makes a host key with mode 0600 in a directory, and its public half beside it with the ending `.pub`; a file that is
 * there already stays as it is.
 *
 * @param type ed25519, ecdsa (P-256) or rsa (3072 bits)
 * @returns whether this call has made it
 */
export async function makeHostKey(directory: string, type: HostKeyType): Promise<boolean> {
  const file = hostKeyFile(directory, type);
  const pair = await generateWhole(type);
  const won = await writeOnce(file, pair.private, 0o600);
  if (won) await writeFile(`${file}.pub`, `${pair.public}\n`);
  return won;
}

/** ssh2 drops a leading zero of an ed25519 key, and so spoils one of some two hundred. */
async function generateWhole(type: HostKeyType): Promise<KeyPair> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const pair = await generate(type);
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
  throw new Error(`hostKeys.create: no usable ${type} key could be made`);
}

function generate(type: HostKeyType): Promise<KeyPair> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, pair: KeyPair): void => {
      if (error) reject(error);
      else resolve(pair);
    };
    if (type === 'ed25519') ssh2.utils.generateKeyPair(type, done);
    else ssh2.utils.generateKeyPair(type, { bits: type === 'rsa' ? RSA_BITS : ECDSA_BITS }, done);
  });
}

/**
 * Writes a file that is not there yet; `false` when it is. Several processes may start on one empty directory:
 * the first to link its file wins, whole, and all others use what it wrote.
 */
async function writeOnce(file: string, content: string, mode: number): Promise<boolean> {
  const temporary = path.join(path.dirname(file), `.${randomBytes(8).toString('hex')}`);
  await writeFile(temporary, content, { mode, flag: 'wx' });
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(temporary, { force: true });
  }
}
