import { describe, expect, it } from '@jest/globals';

import { PacketAssembler } from './packet-assembler.js';
import { MalformedPacketError } from './protocol-errors.js';

const LIMIT = 64;

/** A generator of repeatable random numbers (xorshift32): below `bound`, from 0. */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function assemble(chunks: readonly Buffer[], limit = LIMIT): string[] {
  const assembler = new PacketAssembler(limit, (length) => Buffer.alloc(length));
  const packets: string[] = [];
  for (const chunk of chunks) {
    assembler.push(chunk);
    for (let packet = assembler.next(); packet; packet = assembler.next()) {
      packets.push(packet.toString('hex'));
    }
  }
  expect(assembler.partial).toBe(false);
  return packets;
}

const BODIES = [Buffer.from([1]), Buffer.from('hello'), Buffer.alloc(LIMIT, 7), Buffer.from('xy')];
const STREAM = Buffer.concat(BODIES.map(framed));
const EXPECTED = BODIES.map((body) => body.toString('hex'));

describe('PacketAssembler', () => {
  it('finds the packets of one chunk', () => {
    expect(assemble([STREAM])).toEqual(EXPECTED);
  });

  it('finds the packets of chunks of one byte', () => {
    expect(assemble(Array.from(STREAM, (byte) => Buffer.from([byte])))).toEqual(EXPECTED);
  });

  it('finds the same packets however the stream is cut in two', () => {
    for (let at = 0; at <= STREAM.length; at++) {
      expect(assemble([STREAM.subarray(0, at), STREAM.subarray(at)])).toEqual(EXPECTED);
    }
  });

  it('finds the same packets however the stream is cut in three', () => {
    const short = Buffer.concat([Buffer.from([1, 2]), Buffer.from('abc')].map(framed));
    for (let a = 0; a <= short.length; a++) {
      for (let b = a; b <= short.length; b++) {
        const chunks = [short.subarray(0, a), short.subarray(a, b), short.subarray(b)];
        expect(assemble(chunks)).toEqual(['0102', '616263']);
      }
    }
  });

  it.each([1, 20_261, 777_777])('finds random packets in random chunks (seed %i)', (seed) => {
    const random = randomNumbers(seed);
    for (let round = 0; round < 100; round++) {
      const bodies = Array.from({ length: 1 + random(20) }, () =>
        Buffer.from(Array.from({ length: 1 + random(300) }, () => random(256))),
      );
      const stream = Buffer.concat(bodies.map(framed));
      const chunks: Buffer[] = [];
      for (let at = 0; at < stream.length;) {
        const size = 1 + random(random(3) === 0 ? 500 : 9);
        chunks.push(stream.subarray(at, at + size));
        at += size;
      }
      expect(assemble(chunks, 300)).toEqual(bodies.map((body) => body.toString('hex')));
    }
  });

  it.each([
    { length: 0, accepted: false },
    { length: 1, accepted: true },
    { length: LIMIT, accepted: true },
    { length: LIMIT + 1, accepted: false },
    { length: 0xffffffff, accepted: false },
  ])('accepts an announced length of $length: $accepted', ({ length, accepted }) => {
    const announced = Buffer.alloc(4);
    announced.writeUInt32BE(length);
    for (const chunks of [[announced], [announced.subarray(0, 3), announced.subarray(3)]]) {
      const assembler = new PacketAssembler(LIMIT, (size) => Buffer.alloc(size));
      for (const chunk of chunks) assembler.push(chunk);
      if (accepted) expect(assembler.next()).toBeUndefined();
      else expect(() => assembler.next()).toThrow(MalformedPacketError);
    }
  });

  it('hands out the packets before a malformed one', () => {
    const assembler = new PacketAssembler(LIMIT, (size) => Buffer.alloc(size));
    assembler.push(Buffer.concat([framed(Buffer.from('ok')), Buffer.alloc(4)]));
    expect(assembler.next()?.toString()).toBe('ok');
    expect(() => assembler.next()).toThrow('announces 0 bytes; 1 to 64');
  });

  it('asks for no memory before the announced length has been checked', () => {
    const assembler = new PacketAssembler(LIMIT, () => {
      throw new Error('allocated');
    });
    assembler.push(Buffer.from([0xff, 0xff, 0xff, 0xff, 1]));
    expect(() => assembler.next()).toThrow(MalformedPacketError);
  });

  it('says at every byte whether a packet has begun', () => {
    const assembler = new PacketAssembler(LIMIT, (size) => Buffer.alloc(size));
    expect(assembler.partial).toBe(false);
    const stream = framed(Buffer.from('abc'));
    for (const [index, byte] of stream.entries()) {
      assembler.push(Buffer.from([byte]));
      const packet = assembler.next();
      const last = index === stream.length - 1;
      expect(packet?.toString()).toBe(last ? 'abc' : undefined);
      expect(assembler.partial).toBe(!last);
    }
  });

  it('is partial while whole packets wait to be taken', () => {
    const assembler = new PacketAssembler(LIMIT, (size) => Buffer.alloc(size));
    assembler.push(Buffer.concat([framed(Buffer.from('a')), framed(Buffer.from('b'))]));
    assembler.next();
    expect(assembler.partial).toBe(true);
    assembler.next();
    expect(assembler.partial).toBe(false);
  });

  it('is not moved by empty chunks', () => {
    expect(assemble([Buffer.alloc(0), STREAM, Buffer.alloc(0)])).toEqual(EXPECTED);
    const assembler = new PacketAssembler(LIMIT, (size) => Buffer.alloc(size));
    assembler.push(Buffer.alloc(0));
    expect(assembler.partial).toBe(false);
  });

  it('keeps nothing of a chunk whose packets have been taken', () => {
    const assembler = new PacketAssembler(LIMIT, (length) => Buffer.alloc(length));
    const chunk = Buffer.concat([framed(Buffer.from('whole')), framed(Buffer.from('begun'))]);
    const first = chunk.subarray(0, -2);
    assembler.push(first);
    expect(assembler.unread).toBe(first.length);
    const whole = assembler.next();
    expect(assembler.next()).toBeUndefined();
    expect(assembler.unread).toBe(0);
    const end = Buffer.from(chunk.subarray(-2));
    chunk.fill(0xee);
    assembler.push(end);
    expect([whole?.toString(), assembler.next()?.toString()]).toEqual(['whole', 'begun']);
  });

  it('puts a body that spans chunks together in the buffer that it was given', () => {
    const given: Buffer[] = [];
    const assembler = new PacketAssembler(LIMIT, (length) => {
      const buffer = Buffer.alloc(length);
      given.push(buffer);
      return buffer;
    });
    const stream = framed(Buffer.from('in three parts'));
    for (const cut of [stream.subarray(0, 6), stream.subarray(6, 9), stream.subarray(9)]) {
      assembler.push(cut);
    }
    const packet = assembler.next();
    expect(packet).toBe(given[0]);
    expect(packet?.toString()).toBe('in three parts');
    expect(given).toHaveLength(1);
  });
});
