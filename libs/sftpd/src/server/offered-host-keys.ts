import ssh2, { type ParsedKey } from 'ssh2';

import type { HostKey } from './host-keys.js';

const RSA_ALGORITHMS: readonly string[] = ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'];

/**
 * The host keys as ssh2 is to offer them: one for each algorithm that a key can be used with, in the order of the
 * algorithms. Left alone ssh2 offers every key it gets, and RSA keys with SHA-1 too.
 *
 * @param algorithms names of host key algorithms, the preferred first
 * @param lastResort algorithms that are taken when there is no key for any of those
 * @throws Error that names the option and the fix when there is no key for any of the algorithms
 */
export function offeredHostKeys(
  hostKeys: readonly HostKey[],
  algorithms: readonly string[],
  lastResort: readonly string[] = [],
): ParsedKey[] {
  const best = keysFor(algorithms, hostKeys);
  const offered = best.length > 0 ? best : keysFor(lastResort, hostKeys);
  if (offered.length === 0) {
    const types = [...new Set(hostKeys.map(({ type }) => type))].join(', ');
    throw new Error(
      `hostKeys: there are keys of the type ${types} alone, and the option algorithms allows host keys for ` +
        `${algorithms.join(', ')} alone. Add an ed25519 key (ssh-keygen -t ed25519), or change algorithms`,
    );
  }
  return offered;
}

function keysFor(algorithms: readonly string[], hostKeys: readonly HostKey[]): ParsedKey[] {
  return algorithms.flatMap((algorithm) => {
    const type = RSA_ALGORITHMS.includes(algorithm) ? 'ssh-rsa' : algorithm;
    const hostKey = hostKeys.find((candidate) => candidate.type === type);
    return hostKey === undefined ? [] : usedWith(algorithm, hostKey);
  });
}

/** ssh2 names the algorithm after the type of the key. */
function usedWith(algorithm: string, { privateKey, type }: HostKey): ParsedKey {
  const { key, passphrase } =
    typeof privateKey === 'string' || Buffer.isBuffer(privateKey)
      ? { key: privateKey, passphrase: undefined }
      : privateKey;
  const parsed: ParsedKey | Error = ssh2.utils.parseKey(key, passphrase);
  if (parsed instanceof Error) throw new Error(`hostKeys: ${parsed.message}`, { cause: parsed });
  // ssh2 gives an array for formats that can hold several keys.
  const first: ParsedKey | undefined = Array.isArray(parsed) ? (parsed as ParsedKey[])[0] : parsed;
  if (first === undefined) throw new Error(`hostKeys: a key of the type ${type} cannot be read`);
  return Object.create(first, { type: { value: algorithm } }) as ParsedKey;
}
