import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import ssh2, { type ParsedKey } from 'ssh2';

import { fingerprint } from '../auth/keys/fingerprint.js';
import type { Log } from '../events/log.js';
import { errorCode } from './error-code.js';
import { HOST_KEY_TYPES, makeHostKey } from './make-host-key.js';

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
  /** Where it was read; nothing for one that was handed over. */
  readonly file?: string;
}

const PRIVATE_KEY_MARK = '-----BEGIN ';
const OTHERS_CAN_READ = 0o077;

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

/**
 * Reads the keys of a directory as they are, and makes none.
 *
 * @returns none where the directory holds none
 * @throws Error that names the option `hostKeys` and the fix, for a directory that cannot be read and a malformed key
 */
export async function hostKeysIn(directory: string, log: Log): Promise<HostKey[]> {
  const files = await privateKeyFiles(directory, false);
  return Promise.all(files.map((file) => keyOfFile(file, log)));
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
    for (const type of HOST_KEY_TYPES) await makeHostKey(directory, type);
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
  return { ...parseHostKey(content, `hostKeys: ${file}`), file };
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

function reasonOf(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.message : String(error));
}
