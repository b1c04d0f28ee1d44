import { decodeAuthorizedKey } from 'nestjs-sftpd';
import { ConfigurationError, messageOf } from './problems.js';

/** What an `authorized_keys` file holds. */
export interface AuthorizedKeysFile {
  /** The lines that can be used, without comments and blank lines. */
  readonly lines: readonly string[];
  /** One line for each that cannot. */
  readonly warnings: readonly string[];
}

/**
 * Reads an `authorized_keys` file (sshd(8), AUTHORIZED_KEYS FILE FORMAT). As with sshd, a line that cannot be used
 * costs its own key only.
 *
 * @param text the file's content
 * @param file what problem lines call the file
 * @throws ConfigurationError when no key can be used, with a line for each that cannot
 */
export function parseAuthorizedKeysFile(text: string, file: string): AuthorizedKeysFile {
  const lines: string[] = [];
  const refused: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    try {
      if (decodeAuthorizedKey(line)) lines.push(line.trim());
    } catch (error) {
      refused.push(`${file}: line ${index + 1} cannot be used: ${messageOf(error)}`);
    }
  }
  if (lines.length === 0) {
    throw new ConfigurationError(refused.length > 0 ? refused : [`${file}: holds no key`]);
  }
  return { lines, warnings: refused };
}
