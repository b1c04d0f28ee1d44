import {
  type AuthorizedKeysFile,
  parseAuthorizedKeysFile,
} from '../auth/keys/authorized-keys-file.js';
import { CliError } from './errors.js';
import { readTextFile } from './text-file.js';

/** What a file of `--authorized-keys` holds. */
export interface KeyFile extends Pick<AuthorizedKeysFile, 'lines'> {
  /** One line for each key that cannot be used. */
  readonly warnings: readonly string[];
}

/**
 * Reads a file of public keys.
 *
 * @throws CliError `credentials` when the file cannot be read or no key of it can be used
 */
export async function readKeyFile(file: string): Promise<KeyFile> {
  const { text } = await readTextFile('--authorized-keys', file);
  const { lines, refused } = parseAuthorizedKeysFile(text);
  const warnings = refused.map(
    ({ line, reason }) => `${file}: line ${line} cannot be used: ${reason}`,
  );
  if (lines.length === 0) {
    const why = warnings.length > 0 ? warnings.join('; ') : `${file} holds no key`;
    throw new CliError(
      'credentials',
      `--authorized-keys: ${why}. One line of it must be a public key, such as that of ~/.ssh/id_ed25519.pub`,
    );
  }
  return { lines, warnings };
}
