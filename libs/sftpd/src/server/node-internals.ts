import type { Socket } from 'node:net';

/*
 * The only place that touches what Node keeps to itself, with a guard: where a field is gone, Node goes on as it
 * always does.
 */

interface SocketHandle {
  useUserBuffer?(memory: Uint8Array): void;
}

/** What the option `onread` of `net.connect` sets; a server's sockets have no such option (nodejs/node#25436). */
interface ReadingFields {
  readonly memory: symbol;
  readonly onRead: symbol;
  readonly nextMemory: symbol;
}

type Fields = Record<symbol, unknown>;

function readingFieldsOf(socket: Socket): ReadingFields | undefined {
  const symbols = Object.getOwnPropertySymbols(socket);
  const named = (name: string): symbol | undefined =>
    symbols.find(({ description }) => description === name);
  const [memory, onRead, nextMemory] = [named('kBuffer'), named('kBufferCb'), named('kBufferGen')];
  if (memory === undefined || onRead === undefined || nextMemory === undefined) return undefined;
  return { memory, onRead, nextMemory };
}

/**
 * Has a socket read into given memory from now on, as `net.connect` does with its option `onread`. What is read no
 * longer passes the socket's stream: whoever calls this hands it on.
 *
 * @param memory for the next read
 * @param onRead is given what has come, and returns the memory for the read after it
 * @returns false where this version of Node has no such way; then nothing has changed
 */
export function readInto(
  socket: Socket,
  memory: Buffer,
  onRead: (chunk: Buffer) => Buffer,
): boolean {
  const { _handle: handle } = socket as { _handle?: SocketHandle | null };
  const fields = readingFieldsOf(socket);
  if (typeof handle?.useUserBuffer !== 'function' || fields === undefined) return false;
  let next = memory;
  const own = socket as Socket & Fields;
  own[fields.memory] = memory;
  own[fields.onRead] = (count: number, filled: Buffer) => {
    next = onRead(filled.subarray(0, count));
    return true;
  };
  own[fields.nextMemory] = () => next;
  handle.useUserBuffer(memory);
  return true;
}
