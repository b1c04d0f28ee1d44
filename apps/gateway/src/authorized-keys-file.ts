import { parseAuthorizedKey } from 'nestjs-sftpd';
import { ConfigurationError, messageOf } from './problems.js';

/**
 * The key lines of an `authorized_keys` file (sshd(8), AUTHORIZED_KEYS FILE FORMAT), without comments and
 * blank lines.
 *
 * @param text the file's content
 * @param file what problem lines call the file
 * @throws ConfigurationError with a line for each that cannot be used, or when there is no key at all
 */
export function parseAuthorizedKeysFile(text: string, file: string): string[] {
  const keys: string[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    try {
      if (parseAuthorizedKey(line)) keys.push(line.trim());
    } catch (error) {
      problems.push(`${file}: line ${index + 1} cannot be used: ${messageOf(error)}`);
    }
  }
  if (keys.length + problems.length === 0) problems.push(`${file}: holds no key`);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return keys;
}
