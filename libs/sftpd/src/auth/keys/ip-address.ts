import { isIP, SocketAddress } from 'node:net';

/** An IP address in the one way in which it is compared. */
export interface IpAddress {
  readonly family: 'ipv4' | 'ipv6';
  /** In lower case and with its longest run of zeros left out, as the system writes it; without a zone. */
  readonly text: string;
}

const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.)/;
const GROUPS = 8;

/**
 * Reads an address. One of IPv4 in IPv6's clothes (`::ffff:192.0.2.1`) is one of IPv4, as sshd takes it.
 *
 * @returns `undefined` when the text is no IP address
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const [address = ''] = text.split('%', 1);
  if (isIP(text) === 0) return undefined;
  if (isIP(address) === 4) return { family: 'ipv4', text: address };
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  const ipv4 = canonical.replace(IPV4_IN_IPV6, '');
  return ipv4 === canonical ? { family: 'ipv6', text: canonical } : { family: 'ipv4', text: ipv4 };
}

/** The address as a number: 32 bits for IPv4, 128 for IPv6. */
export function addressBits({ family, text }: IpAddress): bigint {
  if (family === 'ipv4') return ipv4Bits(text);
  // The last two groups may be written as an IPv4 address.
  const hex = text.replace(/[\d.]+\.\d+$/, (tail) => {
    const bits = ipv4Bits(tail);
    return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
  });
  const [head = [], tail] = hex.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = tail === undefined ? 0 : GROUPS - head.length - tail.length;
  return [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])].reduce(
    (bits, group) => (bits << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

function ipv4Bits(text: string): bigint {
  return text.split('.').reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}
