import { decodeAuthorizedKey } from './authorized-key.js';
import { AuthorizedKeys } from './authorized-keys.js';

/** A line of an `authorized_keys` file that cannot be used. */
export interface RefusedKeyLine {
  /** Counted from 1. */
  readonly line: number;
  /** What is wrong with it; never the line itself. */
  readonly reason: string;
}

/** What an `authorized_keys` file holds. */
export interface AuthorizedKeysFile {
  /** The lines that can be used, without comments and blank lines: `authorizedKeys` of a static user takes them. */
  readonly lines: readonly string[];
  /** Those that cannot, in their order. */
  readonly refused: readonly RefusedKeyLine[];
}

/**
 * Reads an `authorized_keys` file (sshd(8), AUTHORIZED_KEYS FILE FORMAT). As with sshd, a line that cannot be used
 * costs its own key only.
 *
 * @param text the file's content
 */
export function parseAuthorizedKeysFile(text: string): AuthorizedKeysFile {
  const lines: string[] = [];
  const refused: RefusedKeyLine[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    try {
      const key = decodeAuthorizedKey(line);
      if (key === undefined) continue;
      // The patterns of its option `from` are looked at nowhere else.
      new AuthorizedKeys([key]);
      lines.push(line.trim());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      refused.push({ line: index + 1, reason });
    }
  }
  return { lines, refused };
}
