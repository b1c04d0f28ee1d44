import { decodeAuthorizedKey } from '../auth/keys/authorized-key.js';
import { AuthorizedKeys } from '../auth/keys/authorized-keys.js';
import { CliError, messageOf } from './errors.js';
import { readTextFile } from './text-file.js';

/** What a file of `--authorized-keys` holds. */
export interface KeyLines {
  /** The lines that can be used, without comments and blank lines. */
  readonly lines: readonly string[];
  /** One line for each that cannot. */
  readonly warnings: readonly string[];
}

/**
 * Reads a file of public keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT). As with sshd, a line that cannot be used costs
 * its own key only.
 *
 * @throws CliError `credentials` when the file cannot be read or no key of it can be used
 */
export async function readKeyFile(file: string): Promise<KeyLines> {
  const { text } = await readTextFile('--authorized-keys', file);
  return keyLinesOf(text, file);
}

/**
 * The same of a text.
 *
 * @param file what messages call it
 */
export function keyLinesOf(text: string, file: string): KeyLines {
  const lines: string[] = [];
  const warnings: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    try {
      const key = decodeAuthorizedKey(line);
      if (key === undefined) continue;
      // The patterns of its option `from` are looked at nowhere else.
      new AuthorizedKeys([key]);
      lines.push(line.trim());
    } catch (error) {
      warnings.push(`${file}: line ${index + 1} cannot be used: ${messageOf(error)}`);
    }
  }
  if (lines.length === 0) {
    const why = warnings.length > 0 ? warnings.join('; ') : `${file} holds no key`;
    throw new CliError(
      'credentials',
      `--authorized-keys: ${why}. One line of it must be a public key, such as that of ~/.ssh/id_ed25519.pub`,
    );
  }
  return { lines, warnings };
}
