import { fingerprint } from '../auth/keys/fingerprint.js';
import type { Log } from '../events/log.js';
import { algorithmsOf, lastResortHostKeys } from '../server/algorithms.js';
import { type HostKey, loadHostKeys } from '../server/host-keys.js';
import { offeredHostKeys } from '../server/offered-host-keys.js';
import { CliError } from './errors.js';
import type { ServeSettings } from './settings.js';
import { inWordsOfTheCommandLine } from './start-problem.js';

/**
 * The host keys of a directory that clients are going to see; makes them when there are none.
 *
 * @param log told of key files that others can read
 * @throws CliError `host-keys`
 */
export async function servingHostKeys(
  { hostKeys, algorithms }: Pick<ServeSettings, 'hostKeys' | 'algorithms'>,
  log: Log,
): Promise<readonly HostKey[]> {
  try {
    return offeredOf(await loadHostKeys({ directory: hostKeys, create: true }, log), algorithms);
  } catch (error) {
    throw hostKeyError(error);
  }
}

/**
 * Those of a list of host keys that clients are going to see.
 *
 * @throws Error when there is none
 */
export function offeredOf(
  keys: readonly HostKey[],
  policy: ServeSettings['algorithms'],
): readonly HostKey[] {
  const { serverHostKey } = algorithmsOf(policy);
  const offered = offeredHostKeys(keys, serverHostKey, lastResortHostKeys(policy));
  const prints = new Set(offered.map((key) => fingerprint(Buffer.from(key.getPublicSSH()))));
  return keys.filter((key) => prints.has(key.fingerprint));
}

/** A failure with a directory of host keys, as it ends a command. */
export function hostKeyError(error: unknown): CliError {
  const reason = inWordsOfTheCommandLine(error).replace(/\.$/, '');
  const message = reason.startsWith('--host-keys') ? reason : `--host-keys: ${reason}`;
  return new CliError('host-keys', `${message}; mend that, or name another directory`, {
    cause: error,
  });
}
