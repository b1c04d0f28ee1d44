import { BlockList, isIPv4, isIPv6 } from 'node:net';

import { canonicalAddress } from './address.js';

/** An entry of a list of addresses, understood. */
interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** Bits that all addresses of the network share. */
  readonly prefix: number;
}

/** Bits before the IPv4 address in an IPv4-mapped IPv6 address. */
const MAPPED_BITS = 96;

/** IP addresses and networks, each an entry like `192.0.2.7`, `10.0.0.0/8` or `2001:db8::/32`. */
export class AddressList {
  // Apart, as Node takes IPv4 addresses for members of an IPv6 network such as `::/0`.
  readonly #networks = { ipv4: new BlockList(), ipv6: new BlockList() };

  /** @throws TypeError that names an entry which is none */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const network = parseNetwork(entry);
      if (network === undefined) throw new TypeError(notAnEntry(entry));
      const { address, family, prefix } = network;
      this.#networks[family].addSubnet(address, prefix, family);
    }
  }

  /** @param address in its canonical form */
  has(address: string): boolean {
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    return this.#networks[family].check(address, family);
  }
}

/** What is wrong with an entry of an address list; `undefined` when nothing is. */
export function addressEntryProblem(entry: unknown): string | undefined {
  return typeof entry === 'string' && parseNetwork(entry) !== undefined
    ? undefined
    : notAnEntry(entry);
}

function notAnEntry(entry: unknown): string {
  const shown =
    typeof entry === 'string' ? JSON.stringify(entry) : `a value of type ${typeof entry}`;
  return `${shown} is no IP address and no network; write it like 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32`;
}

function parseNetwork(entry: string): Network | undefined {
  const [text = '', bits, ...more] = entry.split('/');
  // A zone has a meaning on one machine alone.
  if (more.length > 0 || text.includes('%')) return undefined;
  const address = canonicalAddress(text);
  if (address === undefined) return undefined;
  const width = isIPv6(text) ? 128 : 32;
  const prefix = bits === undefined ? width : prefixOf(bits, width);
  if (prefix === undefined) return undefined;
  if (isIPv6(address)) return { address, family: 'ipv6', prefix };
  const mapped = isIPv6(text) ? MAPPED_BITS : 0;
  // What is wider than all mapped addresses would be an IPv6 network around them.
  return prefix < mapped ? undefined : { address, family: 'ipv4', prefix: prefix - mapped };
}

function prefixOf(bits: string, width: number): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bits)) return undefined;
  const prefix = Number(bits);
  return prefix <= width ? prefix : undefined;
}
