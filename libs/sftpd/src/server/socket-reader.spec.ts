import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { BufferPool } from '../session/buffer-pool.js';
import { SocketReader, type SocketReaderParts } from './socket-reader.js';

const KIB = 1024;
const CHANNEL_DATA = 94;

let server: Server;
let client: Socket;
let socket: Socket;
let reader: SocketReader;
/** What has been handed on, as it was at that moment. */
let chunks: Buffer[];
/** The same without a copy. */
let views: Buffer[];
let buffers: BufferPool;

beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  socket = accepted;
  chunks = [];
  views = [];
  buffers = new BufferPool(1024 * KIB);
});
afterEach(() => {
  client.destroy();
  socket.destroy();
  server.close();
});

function start(parts: Partial<SocketReaderParts> = {}): boolean {
  socket.on('data', (chunk: Buffer) => {
    chunks.push(Buffer.from(chunk));
    views.push(chunk);
  });
  reader = new SocketReader({
    socket,
    buffers,
    backedUp: () => false,
    inputMark: () => () => true,
    kept: () => false,
    ...parts,
  });
  return reader.start();
}

const come = (): number => chunks.reduce((sum, { length }) => sum + length, 0);

/** Sends bytes, and waits until they have been handed on. */
async function send(bytes: Buffer): Promise<void> {
  const expected = come() + bytes.length;
  client.write(bytes);
  while (come() < expected) await once(socket, 'data');
}

const memories = (): Set<ArrayBufferLike> => new Set(views.map(({ buffer }) => buffer));

function bytesOf(length: number, seed = 1): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * 7 + seed) % 251));
}

describe('SocketReader', () => {
  it('hands on all that comes, from the same memory again and again', async () => {
    expect(start()).toBe(true);
    const sent = Array.from({ length: 20 }, (_, index) => bytesOf(1000, index));
    for (const each of sent) await send(each);
    expect(Buffer.concat(chunks).equals(Buffer.concat(sent))).toBe(true);
    expect(memories().size).toBe(1);
    expect(views[0]?.buffer.byteLength).toBe(16 * KIB);
  });

  it('takes larger memory of the pool while much comes, and gives it back afterwards', async () => {
    start();
    const sent = bytesOf(4096 * KIB);
    await send(sent);
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    const sizes = new Set([...memories()].map(({ byteLength }) => byteLength));
    expect(sizes).toEqual(new Set([16 * KIB, 256 * KIB]));
    expect(memories().size).toBe(2);
    const large = [...memories()].find(({ byteLength }) => byteLength === 256 * KIB);
    // One read may still go into the large one.
    await send(bytesOf(10));
    await send(bytesOf(10));
    expect(views.at(-1)?.buffer.byteLength).toBe(16 * KIB);
    expect(buffers.take(256 * KIB).buffer).toBe(large);
  });

  it('gives the larger memory back when it is stopped', async () => {
    start();
    await send(bytesOf(4096 * KIB));
    if (views.at(-1)?.buffer.byteLength === 16 * KIB) await send(bytesOf(64 * KIB));
    reader.stop();
    const pooled = buffers.take(256 * KIB).buffer;
    expect([...memories()]).toContain(pooled);
  });

  it('leaves memory that is kept to those who keep it', async () => {
    const kept = new Set<ArrayBufferLike>();
    start({
      kept: (memory) => {
        kept.add(memory);
        return true;
      },
    });
    const sent = Array.from({ length: 50 }, (_, index) => bytesOf(30 * KIB, index));
    for (const each of sent) await send(each);
    expect(memories()).toEqual(kept);
    expect(memories().size).toBe(views.length);
    expect(Buffer.concat(views).equals(Buffer.concat(sent))).toBe(true);
  });

  it('leaves memory alone that held a message of which a part may be kept', async () => {
    start();
    socket.on('data', (chunk: Buffer) => {
      reader.message(chunk[0] ?? 0);
    });
    await send(Buffer.from([CHANNEL_DATA, 1]));
    await send(Buffer.from([20, 2]));
    await send(Buffer.from([CHANNEL_DATA, 3]));
    await send(Buffer.from([CHANNEL_DATA, 4]));
    const [first, second, third, fourth] = views.map(({ buffer }) => buffer);
    expect(second).toBe(first);
    expect(third).not.toBe(second);
    expect(fourth).toBe(third);
    expect(views[1]).toEqual(Buffer.from([20, 2]));
  });

  describe('what has to wait', () => {
    /** Whether each of what has come has been taken in. */
    let taken: boolean[];

    beforeEach(() => {
      taken = [];
    });

    function startBackedUp(): void {
      start({
        backedUp: () => true,
        inputMark: () => {
          const index = taken.push(false) - 1;
          return () => taken[index] === true;
        },
      });
    }

    it('keeps its memory, which is no larger than it needs', async () => {
      startBackedUp();
      const sent = Array.from({ length: 40 }, (_, index) => bytesOf(40 * KIB, index));
      for (const each of sent) await send(each);
      await send(bytesOf(10));
      expect(Buffer.concat(views).subarray(0, -10).equals(Buffer.concat(sent))).toBe(true);
      expect(views.at(-1)?.length).toBe(10);
      for (const { buffer, length } of views) {
        // Small copies share memory, as Node's do.
        expect(buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * length, 34 * KIB));
      }
    });

    it('gives its memory to what comes after it was taken in, and not before', async () => {
      startBackedUp();
      await send(bytesOf(2048 * KIB));
      const first = memories();
      await send(bytesOf(2048 * KIB, 2));
      const second = memories();
      expect(second.size).toBeGreaterThan(first.size);
      taken.fill(true);
      views = [];
      await send(bytesOf(1024 * KIB, 3));
      expect([...memories()].filter((memory) => second.has(memory))).not.toEqual([]);
      expect(
        Buffer.concat(chunks)
          .subarray(-1024 * KIB)
          .equals(bytesOf(1024 * KIB, 3)),
      ).toBe(true);
    });

    it('is left its memory when the connection ends', async () => {
      startBackedUp();
      await send(bytesOf(1024 * KIB));
      reader.stop();
      taken.fill(true);
      const waiting = memories();
      for (let index = 0; index < 8; index++) {
        for (const size of [34, 64, 128, 256]) {
          expect(waiting.has(buffers.take(size * KIB).buffer)).toBe(false);
        }
      }
    });
  });

  it('stops reading while the socket is paused', async () => {
    start();
    await send(bytesOf(10));
    socket.pause();
    await new Promise((resolve) => client.write(bytesOf(10), resolve));
    // The kernel has it now; each turn looks for what has come.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(come()).toBe(10);
    socket.resume();
    while (come() < 20) await once(socket, 'data');
  });

  it('leaves the end of the stream to the socket', async () => {
    start();
    const ended = once(socket, 'end');
    await send(bytesOf(10));
    client.end();
    await ended;
    expect(come()).toBe(10);
    expect(socket.bytesRead).toBe(10);
  });

  it('does nothing to a socket that is paused, or is destroyed', () => {
    socket.pause();
    expect(start()).toBe(false);
    socket.resume();
    socket.destroy();
    expect(reader.start()).toBe(false);
  });
});
