import { type AuthorizedKeyOptions, parseAuthorizedKeyOptions } from './authorized-key-options.js';
import { isSupportedKeyType, keyBlobProblem } from './public-key-blob.js';

/** What a line of an `authorized_keys` file allows. */
export interface AuthorizedKey {
  /** E.g. `ssh-ed25519`. */
  readonly type: string;
  /** The key in SSH's own encoding. */
  readonly data: Buffer;
  /** What stands behind the key; empty when nothing does. Untrusted text. */
  readonly comment: string;
  /** What stands before the key type, such as `from=`. */
  readonly options: AuthorizedKeyOptions;
}

/** The longest line that OpenSSH reads; an RSA key of 16384 bits takes a quarter of it. */
const MAX_LINE_LENGTH = 16_384;

/** Key types that are known and not taken, and why. */
const REFUSED_TYPES: readonly (readonly [RegExp, string])[] = [
  [
    /^[a-z0-9@.-]+-cert-v0[01]@openssh\.com$/,
    'it holds a certificate; certificates are not supported',
  ],
  [
    /^(webauthn-)?sk-[a-z0-9@.-]+$/,
    'it holds a key of a FIDO authenticator (sk-); such keys are not supported',
  ],
  [/^ssh-dss$/, 'it holds a DSA key (ssh-dss), which is too weak'],
];

/**
 * Reads one line of an `authorized_keys` file (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
 *
 * Keys of the types ssh-ed25519, ssh-rsa (of at least 2048 bits) and ecdsa-sha2-nistp256, -nistp384 and -nistp521
 * are taken.
 *
 * @param line with or without its line break; a byte order mark before it is passed over
 * @returns `undefined` for an empty line or a comment
 * @throws Error when the line is no such key, or carries an option that cannot be honoured: a key is never taken
 * with fewer restrictions than its owner wrote. The message never repeats a key or an option's value
 */
export function decodeAuthorizedKey(line: string): AuthorizedKey | undefined {
  if (line.length > MAX_LINE_LENGTH) throw new Error('it is too long');
  const text = line
    .replace(/^\uFEFF/, '')
    .replace(/[ \t\r\n]+$/, '')
    .replace(/^[ \t\r\n]+/, '');
  if (text === '' || text.startsWith('#')) return undefined;
  if (/[\r\n\0]/.test(text)) throw new Error('it is more than one line');

  const { options, key } = splitOptions(text);
  const [, type = '', encoded = '', comment = ''] =
    /^([^ \t]+)(?:[ \t]+([^ \t]+)(?:[ \t]+(.*))?)?$/.exec(key) ?? [];
  if (!isSupportedKeyType(type)) {
    const [, why] = REFUSED_TYPES.find(([pattern]) => pattern.test(type)) ?? [];
    throw new Error(why ?? 'it holds no key of a supported type');
  }
  const data = Buffer.from(encoded, 'base64');
  const problem = data.toString('base64') === encoded ? keyBlobProblem(type, data) : 'is damaged';
  if (problem !== undefined) throw new Error(`its ${type} key ${problem}`);
  return { type, data, comment, options: parseAuthorizedKeyOptions(options) };
}

/** Options stand before the key type; blanks count only outside of quotes. */
function splitOptions(text: string): { options: string; key: string } {
  const [first = ''] = text.split(/[ \t]/, 1);
  if (isKeyType(first)) return { options: '', key: text };
  const end = endOfOptions(text);
  return { options: text.slice(0, end), key: text.slice(end).replace(/^[ \t]+/, '') };
}

function isKeyType(word: string): boolean {
  return isSupportedKeyType(word) || REFUSED_TYPES.some(([pattern]) => pattern.test(word));
}

function endOfOptions(text: string): number {
  let quoted = false;
  let at = 0;
  while (at < text.length && (quoted || !' \t'.includes(text.charAt(at)))) {
    if (text.startsWith('\\"', at)) at += 1;
    else if (text[at] === '"') quoted = !quoted;
    at += 1;
  }
  if (quoted) throw new Error('a quote in its options has no end');
  return at;
}
