import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Bytes that are read from a connection at once: what Node's sockets read by themselves. */
const READ_SIZE = 64 * 1024;

/**
 * The connections to the store. Each one reads into one buffer of its own, again and again. Left to itself, a socket
 * allocates 64 KiB for every read, and of those V8's collector makes a full collection of the heap for each 10 MiB
 * of a download, which took more time than anything else. The HTTP parser copies what it takes out of the buffer,
 * so nobody sees the buffer but the parser: `http-agents.spec.ts` holds Node to that. That copy, too, is memory outside
 * the heap; the bodies of ranges, which are many bytes, therefore have connections of their own: `ranged-gets/`.
 *
 * @param options of both agents
 */
export function httpAgents(options: AgentOptions): {
  httpAgent: HttpAgent;
  httpsAgent: HttpsAgent;
} {
  return { httpAgent: new ReadingHttpAgent(options), httpsAgent: new ReadingHttpsAgent(options) };
}

type Connect = HttpAgent['createConnection'];

class ReadingHttpAgent extends HttpAgent {
  override createConnection(...[options, callback]: Parameters<Connect>): ReturnType<Connect> {
    return connection((reading) => super.createConnection({ ...options, ...reading }, callback));
  }
}

class ReadingHttpsAgent extends HttpsAgent {
  override createConnection(...[options, callback]: Parameters<Connect>): ReturnType<Connect> {
    return connection((reading) => super.createConnection({ ...options, ...reading }, callback));
  }
}

/** Makes a connection that hands on what its own buffer has got. */
function connection(
  connect: (reading: { onread: OnReadOpts }) => Duplex | null | undefined,
): Duplex | null | undefined {
  let buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  let kept = false;
  const onread: OnReadOpts = {
    buffer() {
      if (kept) buffer = Buffer.allocUnsafeSlow(READ_SIZE);
      return buffer;
    },
    callback(count, filled) {
      const more = socket.push(filled.subarray(0, count));
      // Bytes that nobody has taken yet wait in the stream.
      kept = socket.readableLength > 0;
      return more;
    },
  };
  const socket = connect({ onread }) as Socket;
  return socket;
}
