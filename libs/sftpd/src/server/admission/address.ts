import { isIPv6 } from 'node:net';

import { parseIpAddress } from '../../auth/keys/ip-address.js';

/**
 * The one way to write an address, so that addresses can be compared as text: IPv6 in its short form, an
 * IPv4-mapped one as IPv4, and a zone (`%eth0`) left out.
 *
 * @returns `undefined` when the text is no IP address
 */
export function canonicalAddress(text: string): string | undefined {
  return parseIpAddress(text)?.text;
}

/**
 * What counts as one place when connections and failures are counted: an IPv4 address, or the /64 of an IPv6
 * address, as whoever has one address of it has all 2^64.
 *
 * @param address in its canonical form
 */
export function countedAs(address: string): string {
  if (!isIPv6(address)) return address;
  const groups = groupsOf(address).slice(0, 4);
  return `${canonicalAddress(`${groups.join(':')}::`) ?? address}/64`;
}

/** The eight numbers of an IPv6 address, in hexadecimal. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::', 2);
  const start = head === '' ? [] : head.split(':');
  if (tail === undefined) return start;
  const end = tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end stands for two numbers; it is in the lower half.
  const missing = 8 - start.length - end.length - (tail.includes('.') ? 1 : 0);
  return [...start, ...Array<string>(Math.max(0, missing)).fill('0'), ...end];
}
