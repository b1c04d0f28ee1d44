import { createHash } from 'node:crypto';

/** What a line of an `authorized_keys` file allows. */
export interface AuthorizedKey {
  readonly type: string;
  /** The key in SSH's own encoding. */
  readonly data: Buffer;
}

/** The key types with the number of fields that an encoded key has (RFC 4253, section 6.6; RFC 5656; RFC 8709). */
const KEY_TYPES: ReadonlyMap<string, number> = new Map([
  ['ssh-ed25519', 2],
  ['ssh-rsa', 3],
  ['ecdsa-sha2-nistp256', 3],
  ['ecdsa-sha2-nistp384', 3],
  ['ecdsa-sha2-nistp521', 3],
]);
const BASE64 = /^[A-Za-z0-9+/]+=*$/;

/** Options that forbid what this server never allows, or ask for what it always does. */
const KEPT_BY_NATURE = new Set([
  'restrict',
  'no-agent-forwarding',
  'no-port-forwarding',
  'no-pty',
  'no-user-rc',
  'no-x11-forwarding',
  'command="internal-sftp"',
]);

/**
 * `SHA256:` and the base64 of a key's hash without padding, as `ssh-keygen -l` prints it.
 *
 * @param data the key in SSH's own encoding
 */
export function keyFingerprint(data: Buffer): string {
  return `SHA256:${createHash('sha256').update(data).digest('base64').replace(/=+$/, '')}`;
}

/**
 * Reads one line of an `authorized_keys` file (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
 *
 * @returns `undefined` for an empty line or a comment
 * @throws Error when the line is no key, or carries an option that cannot be honoured: a key is never taken
 * with less restrictions than its owner wrote
 */
export function parseAuthorizedKey(line: string): AuthorizedKey | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  const { options, rest } = splitOptions(text);
  for (const option of options) {
    if (!KEPT_BY_NATURE.has(option.toLowerCase())) {
      throw new Error(`the option ${option.replace(/=.*/s, '=...')} is not supported`);
    }
  }
  const [type = '', encoded = ''] = rest.split(/\s+/);
  const data = Buffer.from(encoded, 'base64');
  if (!KEY_TYPES.has(type)) throw new Error('it holds no key of a supported type');
  const fields = BASE64.test(encoded) ? fieldsOf(data) : [];
  if (fields.length !== KEY_TYPES.get(type) || fields[0]?.toString('latin1') !== type) {
    throw new Error(`its ${type} key is damaged`);
  }
  return { type, data };
}

/** Options stand before the key type, separated by commas; blanks count only outside of quotes. */
function splitOptions(text: string): { options: string[]; rest: string } {
  const first = /^\S+/.exec(text)?.[0] ?? '';
  if (KEY_TYPES.has(first)) return { options: [], rest: text };
  const field = /^(?:"(?:\\"|[^"])*"|[^\s"])+/.exec(text)?.[0] ?? '';
  const options = field.match(/(?:"(?:\\"|[^"])*"|[^,"])+/g) ?? [];
  return { options, rest: text.slice(field.length).trim() };
}

/** The fields of an encoded key, its type first; none when they do not fill it to the last byte. */
function fieldsOf(data: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  let position = 0;
  while (position + 4 <= data.length) {
    const end = position + 4 + data.readUInt32BE(position);
    fields.push(data.subarray(position + 4, end));
    position = end;
  }
  return position === data.length ? fields : [];
}
