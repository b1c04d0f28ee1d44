import { parseAuthorizedKeysFile } from 'nestjs-sftpd';
import { ConfigurationError } from './problems.js';

/** What the file of `SFTP_AUTHORIZED_KEYS` holds. */
export interface KeyFile {
  /** The lines that can be used. */
  readonly lines: readonly string[];
  /** One line for each that cannot. */
  readonly warnings: readonly string[];
}

/**
 * Reads an `authorized_keys` file.
 *
 * @param text the file's content
 * @param file what problem lines call the file
 * @throws ConfigurationError when no key can be used, with a line for each that cannot
 */
export function keyFileOf(text: string, file: string): KeyFile {
  const { lines, refused } = parseAuthorizedKeysFile(text);
  const warnings = refused.map(
    ({ line, reason }) => `${file}: line ${line} cannot be used: ${reason}`,
  );
  if (lines.length === 0) {
    throw new ConfigurationError(warnings.length > 0 ? warnings : [`${file}: holds no key`]);
  }
  return { lines, warnings };
}
