import { randomBytes } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { ReadBuffer } from './read-buffer.js';

/** Puts bytes in as a socket does, which asks for the next room when it has filled one. */
class Filler {
  readonly buffer = new ReadBuffer();
  #room = this.buffer.room();

  get room(): Buffer {
    return this.#room;
  }

  put(bytes: Buffer): void {
    bytes.copy(this.#room);
    this.buffer.filled(bytes.length);
  }

  next(): void {
    this.#room = this.buffer.room();
  }
}

describe('what a connection reads into', () => {
  it('is one and the same room while everything is taken', () => {
    const filler = new Filler();
    const { room } = filler;
    for (let round = 0; round < 3; round += 1) {
      const bytes = randomBytes(room.length);
      filler.put(bytes);
      expect(filler.buffer.bytes().equals(bytes)).toBe(true);
      filler.buffer.take(bytes.length);
      filler.next();
      expect(filler.room).toBe(room);
    }
  });

  it('keeps what is not taken in one piece with what follows, without another buffer', () => {
    const filler = new Filler();
    const first = filler.room;
    const bytes = randomBytes(100_000);
    for (let at = 0; at < bytes.length; at += 10_000) {
      filler.put(bytes.subarray(at, at + 10_000));
      filler.next();
    }
    filler.buffer.take(1000);
    expect(filler.buffer.bytes().equals(bytes.subarray(1000))).toBe(true);
    expect(filler.buffer.bytes().buffer).toBe(first.buffer);
  });

  it('grows for more than it has room for, and goes back to its first buffer', () => {
    const filler = new Filler();
    const first = filler.room;
    const bytes = randomBytes(1_000_000);
    for (let at = 0; at < bytes.length;) {
      const count = Math.min(filler.room.length, bytes.length - at);
      expect(count).toBeGreaterThan(0);
      filler.put(bytes.subarray(at, at + count));
      filler.next();
      at += count;
    }
    expect(filler.buffer.bytes().equals(bytes)).toBe(true);
    filler.buffer.take(bytes.length);
    filler.next();
    expect(filler.room).toBe(first);
  });

  it('finds bytes that are put into the room that was given before all was taken', () => {
    const filler = new Filler();
    filler.put(Buffer.from('held'));
    filler.next();
    filler.buffer.take(4);
    filler.put(Buffer.from('more'));
    expect(filler.buffer.bytes().toString()).toBe('more');
  });
});
