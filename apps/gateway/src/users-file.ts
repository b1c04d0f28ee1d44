import { decodeAuthorizedKey, parsePasswordHash, type PasswordUser } from 'nestjs-sftpd';
import { ConfigurationError, messageOf, quote } from './problems.js';

const KEYS = ['username', 'password', 'passwordHash', 'authorizedKeys', 'attributes'];

/**
 * Reads the users of a users file: a JSON array of
 * `{ "username", "password" or "passwordHash", "authorizedKeys", "attributes" }`.
 *
 * @param text the file's content
 * @param file what problem lines call the file
 * @throws ConfigurationError with a line for each problem; no line ever holds a password or a part of the text
 */
export function parseUsersFile(text: string, file: string): PasswordUser[] {
  const entries = parseJson(text, file);
  if (!Array.isArray(entries)) {
    throw new ConfigurationError([`${file}: must hold a JSON array of users`]);
  }
  if (entries.length === 0) {
    throw new ConfigurationError([`${file}: holds no user, so no one could log in`]);
  }

  const problems: string[] = [];
  const users: PasswordUser[] = [];
  const seen = new Map<string, number>();
  for (const [index, entry] of (entries as unknown[]).entries()) {
    const found = entryProblems(entry);
    const username = isObject(entry) ? entry.username : undefined;
    if (typeof username === 'string') {
      const first = seen.get(username);
      if (first === undefined) seen.set(username, index);
      else found.push(`has the same username, ${quote(username)}, as user #${first + 1}`);
    }
    if (found.length === 0) users.push(entry as PasswordUser);
    problems.push(...found.map((problem) => `${file}: user #${index + 1} ${problem}`));
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return users;
}

function parseJson(text: string, file: string): unknown {
  // Editors of some systems begin a file with a byte order mark, which JSON.parse does not accept.
  const json = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(json);
  } catch (error) {
    // The message may quote the text, and a password with it: only the position is told.
    const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const before = json.slice(0, Number(position ?? 0)).split('\n');
    const where = position
      ? ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`
      : '';
    throw new ConfigurationError([`${file}: is not valid JSON${where}`]);
  }
}

/** What is wrong with one entry, each as the end of a sentence that starts with the user's number. */
function entryProblems(entry: unknown): string[] {
  if (!isObject(entry)) return ['must be a JSON object'];
  const { username, password, passwordHash, authorizedKeys, attributes } = entry;
  const unknown = Object.keys(entry).filter((key) => !KEYS.includes(key));
  const problems = unknown.map(
    (key) => `has an unknown key ${quote(key)}; the keys are ${KEYS.join(', ')}`,
  );

  if (username === undefined) problems.push('has no username');
  else if (typeof username !== 'string' || username === '' || /\p{Cc}/u.test(username)) {
    problems.push(
      'must have a username that is a string, not empty and without control characters',
    );
  }
  if (password !== undefined && (typeof password !== 'string' || password === '')) {
    problems.push('must have a password that is a string and not empty');
  }
  if (passwordHash !== undefined) {
    problems.push(...hashProblems(passwordHash));
    if (password !== undefined)
      problems.push('has both password and passwordHash: keep one of them');
  }
  if (authorizedKeys !== undefined) problems.push(...keyProblems(authorizedKeys));
  if (attributes !== undefined && !isObject(attributes)) {
    problems.push('must have attributes that are a JSON object');
  }
  const keyless =
    authorizedKeys === undefined || (Array.isArray(authorizedKeys) && authorizedKeys.length === 0);
  if (password === undefined && passwordHash === undefined && keyless) {
    problems.push('has neither password, passwordHash nor authorizedKeys, so it could not log in');
  }
  return problems;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hashProblems(hash: unknown): string[] {
  try {
    parsePasswordHash(typeof hash === 'string' ? hash : '');
    return [];
  } catch (error) {
    return [`cannot be used: ${messageOf(error)}`];
  }
}

function keyProblems(lines: unknown): string[] {
  if (!Array.isArray(lines)) {
    return ['must have authorizedKeys that are an array of lines of an authorized_keys file'];
  }
  return (lines as unknown[]).flatMap((line, index) => {
    try {
      const key = typeof line === 'string' && decodeAuthorizedKey(line);
      return key ? [] : [`must have in authorizedKeys[${index}] one line that is a key`];
    } catch (error) {
      return [`cannot be used: authorizedKeys[${index}]: ${messageOf(error)}`];
    }
  });
}
