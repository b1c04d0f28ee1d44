import { randomFillSync } from 'node:crypto';
import type { Socket } from 'node:net';

import type { BufferPool } from '../session/buffer-pool.js';
import type { PacketSource } from './ssh2-internals.js';

const RANDOM_BATCH_BYTES = 16 * 1024;

/**
 * Memory for the SSH packets of a server, used again once a socket has sent it. The random bytes that pad a
 * packet are drawn in batches; each is used once.
 */
export class PacketBuffers implements PacketSource {
  readonly #pool: BufferPool;
  readonly #random = Buffer.allocUnsafeSlow(RANDOM_BATCH_BYTES);
  #used = RANDOM_BATCH_BYTES;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  take(length: number): Buffer {
    return this.#pool.take(length);
  }

  fillRandom(packet: Buffer, start: number, end: number): void {
    const count = end - start;
    if (this.#used + count > this.#random.length) {
      randomFillSync(this.#random);
      this.#used = 0;
    }
    this.#random.copy(packet, start, this.#used, this.#used + count);
    this.#used += count;
  }

  /** Takes back what is written to a socket when it has been sent; what a broken one has not sent is forgotten. */
  reclaimFrom(socket: Socket): void {
    const write = socket.write.bind(socket) as (
      data: Buffer,
      sent: (error?: Error | null) => void,
    ) => boolean;
    // ssh2 hands over one buffer at a time, without an encoding or a callback.
    socket.write = (data: unknown) =>
      write(data as Buffer, (error) => {
        if (!error && Buffer.isBuffer(data)) this.#pool.give(data);
      });
  }
}
