import { BlockList, isIP } from 'node:net';

import { addressBits, type IpAddress, parseIpAddress } from './ip-address.js';
import { matchesWildcards } from './wildcards.js';

/** What one sign of patterns, allowing or forbidding, speaks of. */
interface AddressSet {
  /** Apart, for a `BlockList` finds an IPv4 address in `::/0`. */
  readonly networks: Readonly<Record<IpAddress['family'], BlockList>>;
  readonly wildcards: string[];
}

/** Could be an address with some of its characters left open; a letter alone may as well begin a host's name. */
const WILDCARD_ADDRESS = /^(?=.*[*?])(?:[\d.*?]+|(?=.*:)[\da-f:.*?]+)$/;

/**
 * The value of the option `from`: patterns of which one must match the address of a client (sshd(8); PATTERNS in
 * ssh_config(5)). A pattern is an address, a network (`192.0.2.0/24`, `2001:db8::/32`) or an address with wildcards
 * (`*` for any characters, `?` for one); with a `!` before it, it excludes addresses, whatever other patterns say.
 *
 * Names of hosts are never looked up: whoever owns an address decides what name it has.
 */
export class AddressPatterns {
  readonly #allowed = emptySet();
  readonly #forbidden = emptySet();

  /**
   * @throws Error that names the pattern by its number, and never repeats it: empty, the name of a host, a network
   * whose address has bits beyond its mask, or exclusions alone, which would match nothing
   */
  constructor(patterns: readonly string[]) {
    for (const [index, pattern] of patterns.entries()) {
      const excludes = pattern.startsWith('!');
      const problem = addPattern(
        excludes ? this.#forbidden : this.#allowed,
        (excludes ? pattern.slice(1) : pattern).toLowerCase(),
      );
      if (problem !== undefined) {
        throw new Error(`pattern ${index + 1} of the option from ${problem}`);
      }
    }
    if (patterns.every((pattern) => pattern.startsWith('!'))) {
      throw new Error('the option from has only exclusions, so it would match no address');
    }
  }

  /** Whether a client with this address is let in; one that is no IP address is not. */
  match(address: string): boolean {
    const parsed = parseIpAddress(address);
    return parsed !== undefined && !has(this.#forbidden, parsed) && has(this.#allowed, parsed);
  }
}

function emptySet(): AddressSet {
  return { networks: { ipv4: new BlockList(), ipv6: new BlockList() }, wildcards: [] };
}

function has({ networks, wildcards }: AddressSet, { family, text }: IpAddress): boolean {
  return (
    networks[family].check(text, family) ||
    wildcards.some((pattern) => matchesWildcards(text, pattern))
  );
}

/** @returns what is wrong with the pattern, as the end of a sentence */
function addPattern({ networks, wildcards }: AddressSet, pattern: string): string | undefined {
  if (pattern === '') return 'is empty';
  if (WILDCARD_ADDRESS.test(pattern)) {
    wildcards.push(pattern);
    return undefined;
  }
  const [base = '', length, ...more] = pattern.split('/');
  const version = isIP(base);
  if (version === 0 && length === undefined) {
    return 'is no IP address: names of hosts are never looked up, so it would match nothing';
  }
  const width = version === 6 ? 128 : 32;
  const prefix = length === undefined ? width : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  const address = parseIpAddress(base);
  if (address === undefined || base.includes('%') || more.length > 0 || !(prefix <= width)) {
    return 'is no network: it must look like 192.0.2.0/24 or 2001:db8::/32';
  }
  if (version === 6 && address.family === 'ipv4') {
    return 'is an IPv4 address in the form of IPv6: write it as an IPv4 address';
  }
  if (addressBits(address) & ((1n << BigInt(width - prefix)) - 1n)) {
    return 'is a network whose address has bits beyond its mask';
  }
  networks[address.family].addSubnet(address.text, prefix, address.family);
  return undefined;
}
