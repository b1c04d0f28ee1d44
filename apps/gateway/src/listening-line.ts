import type { AddressInfo } from 'node:net';

/** The line that tells that the server is ready and where it listens; an IPv6 host stands in brackets. */
export function listeningLine(address: AddressInfo): string {
  return serverLine('SFTP', address);
}

/** The same of any server. */
export function serverLine(what: 'SFTP' | 'HTTP', { address, port }: AddressInfo): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${what} server listening on ${host}:${port}`;
}
