import type { Socket } from 'node:net';

import { parseProxyHeader, type ProxiedPeer } from './proxy-header.js';

/** How the header of a connection came out. */
export type ProxyOutcome =
  | { readonly peer: ProxiedPeer | undefined }
  | { readonly problem: string }
  /** The balancer has hung up without a word. */
  | 'gone';

/**
 * Takes the header of the PROXY protocol from the start of a connection that nobody has read from. What comes
 * behind it stays in the socket, which is paused. Waits as long as the socket lives.
 */
export async function readProxyHeader(socket: Socket): Promise<ProxyOutcome> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const settle = (outcome: ProxyOutcome): void => {
      socket.pause().off('data', look).off('end', ended).off('close', ended);
      resolve(outcome);
    };
    const ended = (): void => {
      settle(bytes.length === 0 ? 'gone' : { problem: 'the connection has ended in the header' });
    };
    const look = (chunk: Buffer): void => {
      // The parser asks for more until it has all, or too much: that bounds what is kept.
      bytes = Buffer.concat([bytes, chunk]);
      const header = parseProxyHeader(bytes);
      if (header === 'more') return;
      if ('problem' in header) {
        settle(header);
        return;
      }
      settle({ peer: header.peer });
      const rest = bytes.subarray(header.length);
      if (rest.length > 0) socket.unshift(rest);
    };
    socket.on('data', look).once('end', ended).once('close', ended).resume();
  });
}
