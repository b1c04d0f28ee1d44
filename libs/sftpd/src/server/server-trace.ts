import { isTraced, sftpTracing, Trace } from '../events/tracing.js';
import type { ServerMessage } from '../events/tracing-messages.js';

/**
 * Tells the tracing channels of a server.
 *
 * @param address where it listens, or should
 * @returns nothing when nobody is told of servers
 */
export function traceServer(
  address: string | undefined,
  port: number,
): Trace<ServerMessage> | undefined {
  if (!isTraced(sftpTracing.server)) return undefined;
  return new Trace(sftpTracing.server, { address, port, duration: undefined, error: undefined });
}
