import { lstat, mkdir } from 'node:fs/promises';

import type { Log } from '../events/log.js';
import { errorCode } from '../server/error-code.js';
import { type HostKey, hostKeysIn } from '../server/host-keys.js';
import { hostKeyFile, type HostKeyType, makeHostKey } from '../server/make-host-key.js';
import { CliError, EXIT_CODES, type ExitCode, UsageError } from './errors.js';
import { logOf } from './log-of.js';
import type { Output } from './output.js';
import { hostKeyError } from './serving-host-keys.js';

/** The options of `host-keys`. */
export interface HostKeysFlags {
  readonly types: readonly HostKeyType[];
}

/** How SSH calls the keys that are made here. */
const SSH_NAMES: Readonly<Record<HostKeyType, string>> = {
  ed25519: 'ssh-ed25519',
  ecdsa: 'ecdsa-sha2-nistp256',
  rsa: 'ssh-rsa',
};

/**
 * The command `host-keys`: makes the keys of the wanted types that a directory does not have, and lists all that it
 * has then. No file is overwritten.
 *
 * @throws UsageError, CliError `host-keys`
 */
export async function hostKeysCommand(
  directory: string,
  { types }: HostKeysFlags,
  output: Output,
): Promise<ExitCode> {
  if (directory === '') throw new UsageError('DIRECTORY is empty: name that of the host keys');
  const keys = await completed(directory, types, logOf(output));
  for (const { type, fingerprint, file, made } of keys) {
    output.line(`${made ? 'made' : 'kept'} ${type} ${String(file)} ${fingerprint}`, {
      type,
      file,
      fingerprint,
      made,
    });
  }
  return EXIT_CODES.ok;
}

type ListedKey = HostKey & { readonly made: boolean };

async function completed(
  directory: string,
  types: readonly HostKeyType[],
  log: Log,
): Promise<ListedKey[]> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const before = await hostKeysIn(directory, log);
    const missing = types.filter((type) => !before.some((key) => key.type === SSH_NAMES[type]));
    // All that is in the way is told before anything is made.
    for (const type of missing) await assertFree(hostKeyFile(directory, type));
    for (const type of missing) await makeHostKey(directory, type);
    const known = new Set(before.map(({ file }) => file));
    const after = missing.length === 0 ? before : await hostKeysIn(directory, log);
    return after.map((key) => ({ ...key, made: !known.has(key.file) }));
  } catch (error) {
    throw error instanceof CliError ? error : hostKeyError(error);
  }
}

/** A name whose file is no private key, or of which only the public half is left. */
async function assertFree(file: string): Promise<void> {
  for (const name of [file, `${file}.pub`]) {
    try {
      await lstat(name);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') continue;
      throw error;
    }
    throw new CliError(
      'host-keys',
      `${name} is there and belongs to no key that can be used: move it away, nothing is overwritten`,
    );
  }
}
