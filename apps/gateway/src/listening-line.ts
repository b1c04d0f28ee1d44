import type { AddressInfo } from 'node:net';

/** The line that tells that the server is ready and where it listens; an IPv6 host stands in brackets. */
export function listeningLine({ address, port }: AddressInfo): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `SFTP server listening on ${host}:${port}`;
}
