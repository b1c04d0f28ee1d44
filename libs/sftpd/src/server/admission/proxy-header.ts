import { isIPv4, isIPv6 } from 'node:net';

import { canonicalAddress } from './address.js';

/** Whom a balancer speaks for. */
export interface ProxiedPeer {
  /** IP address in its canonical form. */
  readonly address: string;
  readonly port: number;
}

/** What has been found at the start of a connection. */
export type ProxyHeader =
  /** The beginning of a header; more is to come. */
  | 'more'
  | {
      /** Bytes of the header. */
      readonly length: number;
      /** Whom the balancer speaks for; `undefined` when it speaks for itself or does not know. */
      readonly peer: ProxiedPeer | undefined;
    }
  | { readonly problem: string };

/** Bytes of the longest header of version 1 with its CR LF (PROXY protocol, section 2.1). */
const MAX_TEXT_BYTES = 107;

/** Bytes of the longest header of version 2 that is taken, after its first 16: addresses and additions (TLV). */
const MAX_BINARY_BYTES = 4096;

const TEXT_SIGNATURE = Buffer.from('PROXY ', 'latin1');
const BINARY_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** The signature, version and command, family and protocol, length. */
const BINARY_START_BYTES = 16;

const CARRIAGE_RETURN = 0x0d;

/** The transport and the sizes of the address, by the byte for family and protocol; others carry no TCP. */
const FAMILIES = new Map([
  [0x11, { bytes: 4, text: ipv4Text }],
  [0x21, { bytes: 16, text: ipv6Text }],
]);

/**
 * Reads the header of the PROXY protocol, version 1 or 2, at the start of what a balancer has sent until now.
 * Source: the PROXY protocol's specification, sections 2.1 and 2.2.
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, BINARY_SIGNATURE)) return parseBinary(bytes);
  if (startsLike(bytes, TEXT_SIGNATURE)) return parseText(bytes);
  return { problem: 'there is no header' };
}

/** Whether all that is there of a signature is right. */
function startsLike(bytes: Buffer, signature: Buffer): boolean {
  const length = Math.min(bytes.length, signature.length);
  return bytes.compare(signature, 0, length, 0, length) === 0;
}

function parseText(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, MAX_TEXT_BYTES).indexOf(CARRIAGE_RETURN);
  if (end === -1 || end + 1 === bytes.length) {
    return bytes.length < MAX_TEXT_BYTES ? 'more' : { problem: 'the header is too long' };
  }
  const length = end + 2;
  if (length > MAX_TEXT_BYTES || bytes.toString('latin1', end, length) !== '\r\n') {
    return { problem: 'the header does not end with CR LF' };
  }
  const [, family, ...fields] = bytes.toString('latin1', 0, end).split(' ');
  // Whatever follows it is to be ignored.
  if (family === 'UNKNOWN') return { length, peer: undefined };
  const peer = fields.length === 4 ? textPeer(family, fields) : undefined;
  return peer === undefined ? { problem: 'the header is malformed' } : { length, peer };
}

function textPeer(family: string | undefined, fields: readonly string[]): ProxiedPeer | undefined {
  const [source = '', destination = '', sourcePort = '', destinationPort = ''] = fields;
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isPlainIPv6 : undefined;
  const address = canonicalAddress(source);
  if (isAddress === undefined || address === undefined) return undefined;
  const valid =
    isAddress(source) && isAddress(destination) && isPort(sourcePort) && isPort(destinationPort);
  return valid ? { address, port: Number(sourcePort) } : undefined;
}

function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function parseBinary(bytes: Buffer): ProxyHeader {
  if (bytes.length < BINARY_START_BYTES) return 'more';
  const command = bytes.readUInt8(12);
  const size = bytes.readUInt16BE(14);
  if (command >> 4 !== 2) return { problem: 'the version of the header is unknown' };
  if (size > MAX_BINARY_BYTES) return { problem: 'the header is too long' };
  const length = BINARY_START_BYTES + size;
  switch (command & 0xf) {
    // LOCAL: the balancer itself, to see whether the server is there.
    case 0:
      return bytes.length < length ? 'more' : { length, peer: undefined };
    case 1:
      return proxied(bytes, length);
    default:
      return { problem: 'the command of the header is unknown' };
  }
}

function proxied(bytes: Buffer, length: number): ProxyHeader {
  const transport = bytes.readUInt8(13);
  const family = FAMILIES.get(transport);
  if (transport !== 0 && family === undefined) {
    return { problem: 'the header speaks of something else than TCP' };
  }
  if (family !== undefined && length < BINARY_START_BYTES + 2 * family.bytes + 4) {
    return { problem: 'the header is too short for its addresses' };
  }
  if (bytes.length < length) return 'more';
  if (family === undefined) return { length, peer: undefined };
  const address = canonicalAddress(family.text(bytes, BINARY_START_BYTES));
  if (address === undefined) return { problem: 'the header is malformed' };
  const port = bytes.readUInt16BE(BINARY_START_BYTES + 2 * family.bytes);
  return { length, peer: { address, port } };
}

function ipv4Text(bytes: Buffer, start: number): string {
  return bytes.subarray(start, start + 4).join('.');
}

function ipv6Text(bytes: Buffer, start: number): string {
  return Array.from({ length: 8 }, (_, n) => bytes.readUInt16BE(start + 2 * n).toString(16)).join(
    ':',
  );
}
