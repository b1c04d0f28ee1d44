import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import ssh2, { type ParsedKey } from 'ssh2';

import { fingerprint } from '../auth/keys/fingerprint.js';
import type { Log } from '../events/log.js';
import { errorCode } from './error-code.js';

/** A private key that is handed over instead of read from a file. */
export interface InlineHostKey {
  /** The key in OpenSSH's or PEM format. */
  readonly key: string | Buffer;
  /** Of the key, when it is encrypted. */
  readonly passphrase?: string | Buffer;
}

/** Where the server's host keys are; at least one of `directory`, `files` and `keys`. */
export interface HostKeyOptions {
  /** Every file in it that holds a private key is used. */
  readonly directory?: string;
  /**
   * Make the directory, and fresh ed25519, ecdsa and rsa keys in it with mode 0600, when it holds none.
   * @default false
   */
  readonly create?: boolean;
  /** Private key files. */
  readonly files?: readonly string[];
  /** Private keys themselves, e.g. from a secret store. */
  readonly keys?: readonly (string | Buffer | InlineHostKey)[];
}

/** A host key that has been read and found good. */
export interface HostKey {
  readonly type: string;
  readonly fingerprint: string;
  /** As ssh2 takes it. */
  readonly privateKey: string | Buffer | InlineHostKey;
}

const PRIVATE_KEY_MARK = '-----BEGIN ';
/** How often a host key is made anew when it came out unusable. */
const MAX_TRIES = 20;
const OTHERS_CAN_READ = 0o077;
const GENERATED = [
  { file: 'ssh_host_ed25519_key', type: 'ed25519', bits: undefined },
  { file: 'ssh_host_ecdsa_key', type: 'ecdsa', bits: 256 },
  { file: 'ssh_host_rsa_key', type: 'rsa', bits: 3072 },
] as const;

/**
 * Reads the host keys; makes them first where that is asked for.
 *
 * @throws Error that names the option `hostKeys` and the fix
 */
export async function loadHostKeys(options: HostKeyOptions, log: Log): Promise<HostKey[]> {
  const keys = [
    ...(options.directory === undefined ? [] : await keysOfDirectory(options, log)),
    ...(await Promise.all((options.files ?? []).map((file) => keyOfFile(file, log)))),
    ...(options.keys ?? []).map((key, index) => parseHostKey(key, `hostKeys.keys[${index}]`)),
  ];
  if (keys.length === 0) {
    throw new Error(
      'hostKeys: no usable host key. Give hostKeys.directory (with create: true to have keys made), ' +
        'hostKeys.files or hostKeys.keys',
    );
  }
  return keys;
}

async function keysOfDirectory(options: HostKeyOptions, log: Log): Promise<HostKey[]> {
  const directory = options.directory ?? '';
  const create = options.create === true;
  let files = await privateKeyFiles(directory, create);
  if (files.length === 0) {
    if (!create) {
      throw new Error(
        `hostKeys.directory: ${directory} holds no private key. Put one there ` +
          `(ssh-keygen -t ed25519 -N '' -f ${path.join(directory, 'ssh_host_ed25519_key')}) ` +
          'or set hostKeys.create to true',
      );
    }
    await createHostKeys(directory);
    files = await privateKeyFiles(directory, create);
    log.log(`Made new host keys in ${directory}`);
  }
  return Promise.all(files.map((file) => keyOfFile(file, log)));
}

async function privateKeyFiles(directory: string, create: boolean): Promise<string[]> {
  try {
    if (create) await mkdir(directory, { recursive: true, mode: 0o700 });
    const entries = await readdir(directory, { withFileTypes: true });
    const candidates = entries
      .filter((entry) => !entry.isDirectory() && !entry.name.endsWith('.pub'))
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => path.join(directory, entry.name))
      .sort();
    const marked = await Promise.all(candidates.map(holdsPrivateKey));
    return candidates.filter((_, index) => marked[index]);
  } catch (error) {
    throw new Error(`hostKeys.directory: ${directory} cannot be used (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

async function holdsPrivateKey(file: string): Promise<boolean> {
  const info = await stat(file);
  if (!info.isFile()) return false;
  const content = await readFile(file, 'latin1');
  return content.startsWith(PRIVATE_KEY_MARK) && content.includes('PRIVATE KEY');
}

async function keyOfFile(file: string, log: Log): Promise<HostKey> {
  let content: Buffer;
  try {
    content = await readFile(file);
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & OTHERS_CAN_READ) !== 0) {
      log.warn(`The host key ${file} can be read by others; chmod 600 it`);
    }
  } catch (error) {
    throw new Error(`hostKeys: ${file} cannot be read (${reasonOf(error)})`, { cause: error });
  }
  return parseHostKey(content, `hostKeys: ${file}`);
}

function parseHostKey(source: string | Buffer | InlineHostKey, where: string): HostKey {
  const { key, passphrase } =
    typeof source === 'string' || Buffer.isBuffer(source)
      ? { key: source, passphrase: undefined }
      : source;
  const parsed: ParsedKey | Error = ssh2.utils.parseKey(key, passphrase);
  if (parsed instanceof Error) {
    throw new Error(`${where} is no private key that can be read (${parsed.message})`);
  }
  // ssh2 gives an array for formats that can hold several keys.
  const first: ParsedKey | undefined = Array.isArray(parsed) ? (parsed as ParsedKey[])[0] : parsed;
  if (!first?.isPrivateKey()) {
    throw new Error(`${where} is a public key; the private one is needed`);
  }
  return {
    type: first.type,
    fingerprint: fingerprint(Buffer.from(first.getPublicSSH())),
    privateKey: passphrase === undefined ? key : { key, passphrase },
  };
}

async function createHostKeys(directory: string): Promise<void> {
  for (const { file, type, bits } of GENERATED) {
    const pair = await generateWhole(type, bits);
    const won = await writeOnce(path.join(directory, file), pair.private, 0o600);
    if (won) await writeFile(path.join(directory, `${file}.pub`), `${pair.public}\n`);
  }
}

/** ssh2 drops a leading zero of an ed25519 key, and so spoils one of some two hundred. */
async function generateWhole(
  type: 'ed25519' | 'ecdsa' | 'rsa',
  bits: number | undefined,
): Promise<{ private: string; public: string }> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const pair = await generate(type, bits);
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
  throw new Error(`hostKeys.create: no usable ${type} key could be made`);
}

function generate(
  type: 'ed25519' | 'ecdsa' | 'rsa',
  bits: number | undefined,
): Promise<{ private: string; public: string }> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, pair: { private: string; public: string }): void => {
      if (error) reject(error);
      else resolve(pair);
    };
    if (type === 'ed25519') ssh2.utils.generateKeyPair(type, done);
    else ssh2.utils.generateKeyPair(type, { bits: bits ?? 3072 }, done);
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

function reasonOf(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.message : String(error));
}
