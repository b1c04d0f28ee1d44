import type { Socket } from 'node:net';

/** Bytes of an identification line with its CR LF (RFC 4253, section 4.2). */
const MAX_IDENTIFICATION_BYTES = 255;

const LINE_FEED = 0x0a;

/** The versions of the protocol that are spoken here; `1.99` is 2.0 with a look back (RFC 4253, section 5.1). */
const VERSIONS = ['SSH-2.0-', 'SSH-1.99-'];

/**
 * Looks at a client's first line before ssh2 does, which would keep 8 KiB of it and tell nobody when it is wrong.
 * It takes nothing from the stream.
 *
 * @param onWrong told once, with what is wrong
 */
export function limitIdentification(socket: Socket, onWrong: (problem: string) => void): void {
  const line: Buffer[] = [];
  let length = 0;
  const look = (chunk: Buffer): void => {
    const end = chunk.indexOf(LINE_FEED);
    const part = end === -1 ? chunk : chunk.subarray(0, end + 1);
    length += part.length;
    if (length <= MAX_IDENTIFICATION_BYTES) {
      line.push(part);
      if (end === -1) return;
    }
    socket.off('data', look);
    if (length > MAX_IDENTIFICATION_BYTES) {
      onWrong(`its SSH identification is longer than ${MAX_IDENTIFICATION_BYTES} bytes`);
      return;
    }
    const text = Buffer.concat(line).toString('latin1');
    if (!VERSIONS.some((version) => text.startsWith(version))) {
      onWrong('its first line is no SSH identification');
    }
  };
  socket.on('data', look);
}
