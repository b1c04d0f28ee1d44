import { AddressPatterns } from './address-patterns.js';
import { parseExpiryTime } from './expiry-time.js';

/** What the options of an `authorized_keys` line ask for, as far as it changes anything here. */
export interface AuthorizedKeyOptions {
  /** Whether `restrict` was there. All that it forbids is never allowed here. */
  readonly restrict: boolean;
  /** The only command that can be asked for: it is what a session runs anyway. */
  readonly command?: 'internal-sftp';
  /** Patterns of which the client's address must match one; `AddressPatterns` does. */
  readonly from?: readonly string[];
  /** The last moment in which the key opens the account. */
  readonly expiryTime?: Date;
}

/**
 * Options without a value that are kept whatever is done: they forbid what this server never allows, allow it again
 * (which obliges to nothing), or waive what is never asked for.
 */
const KEPT_FLAGS: ReadonlySet<string> = new Set([
  'restrict',
  ...['agent-forwarding', 'port-forwarding', 'pty', 'user-rc', 'x11-forwarding'].flatMap((name) => [
    name,
    `no-${name}`,
  ]),
  'no-touch-required',
  'no-verify-required',
]);

/**
 * Options with a value that are kept in the same way, each with the form of its value: they say what may be
 * forwarded, and nothing is.
 */
const KEPT_VALUES: ReadonlyMap<string, RegExp> = new Map([
  ['permitlisten', /^((\[[^\]]*\]|[^:\s]+):)?(\*|\d{1,5})$/],
  ['permitopen', /^(\[[^\]]+\]|[^:\s]+):(\*|\d{1,5})$/],
  ['tunnel', /^(any|\d{1,10})(:(any|\d{1,10}))?$/i],
]);

const FIDO = 'keys of FIDO authenticators are not supported';
const CERTIFICATES = 'certificates are not supported';
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['cert-authority', CERTIFICATES],
  ['principals', CERTIFICATES],
  ['environment', 'no program is run that could have an environment'],
  ['touch-required', FIDO],
  ['verify-required', FIDO],
]);

const OPTION = /(?:(?=,)|([A-Za-z0-9-]+)(?:="((?:\\"|\\(?!")|[^"\\])*)")?)(?:,|$)/y;
const MAX_NAME_IN_MESSAGE = 40;

/**
 * Reads the options field of an `authorized_keys` line (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
 *
 * @param text the field, without the blanks around it
 * @throws Error when an option is not known, is written wrong, or cannot be honoured. Messages never repeat a value
 */
export function parseAuthorizedKeyOptions(text: string): AuthorizedKeyOptions {
  const options: { -readonly [Name in keyof AuthorizedKeyOptions]: AuthorizedKeyOptions[Name] } = {
    restrict: false,
  };
  for (const { name, value } of splitOptions(text)) {
    const refusal = REFUSED.get(name);
    if (refusal !== undefined) {
      throw new Error(`the option ${name} cannot be honoured: ${refusal}`);
    }
    if (value === undefined && KEPT_FLAGS.has(name)) {
      options.restrict ||= name === 'restrict';
    } else if (value !== undefined && name === 'command') {
      if (options.command !== undefined) throw new Error('the option command is there twice');
      options.command = parseCommand(value);
    } else if (value !== undefined && name === 'from') {
      if (options.from !== undefined) throw new Error('the option from is there twice');
      options.from = parseFrom(value);
    } else if (value !== undefined && name === 'expiry-time') {
      const time = parseExpiryTime(value);
      if (options.expiryTime === undefined || time < options.expiryTime) options.expiryTime = time;
    } else if (value === undefined || KEPT_VALUES.get(name)?.test(value) !== true) {
      throw new Error(unknownOption(name, value));
    }
  }
  return options;
}

function* splitOptions(text: string): Generator<{ name: string; value: string | undefined }> {
  const pattern = new RegExp(OPTION);
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text) as (string | undefined)[] | null;
    if (match === null) throw new Error('its options cannot be read');
    const [, name, value] = match;
    // As sshd, which passes over commas with nothing between them.
    if (name !== undefined)
      yield { name: name.toLowerCase(), value: value?.replaceAll('\\"', '"') };
  }
}

function parseCommand(value: string): 'internal-sftp' {
  if (value === 'internal-sftp') return value;
  throw new Error(
    'the option command cannot be honoured: the only command is internal-sftp, without arguments',
  );
}

function parseFrom(value: string): string[] {
  const patterns = value.split(',');
  new AddressPatterns(patterns);
  return patterns;
}

function unknownOption(name: string, value: string | undefined): string {
  if (KEPT_FLAGS.has(name)) return `the option ${name} takes no value`;
  if (KEPT_VALUES.has(name) && value !== undefined) {
    return `the option ${name} has a value that cannot be read`;
  }
  if (KEPT_VALUES.has(name) || ['command', 'expiry-time', 'from'].includes(name)) {
    return `the option ${name} needs a value in quotes`;
  }
  const told = name.slice(0, MAX_NAME_IN_MESSAGE) + (value === undefined ? '' : '=...');
  return `the option ${told} is not known`;
}
