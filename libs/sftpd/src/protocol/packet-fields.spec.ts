import { describe, expect, it } from '@jest/globals';

import { type Attributes, readAttributes, writeAttributes } from './attributes.js';
import { AttributeFlag, StatusCode } from './constants.js';
import { PacketReader } from './packet-reader.js';
import { PacketWriter } from './packet-writer.js';
import { FieldError } from './protocol-errors.js';

const BODY = 5;

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function errorOf(read: () => unknown): FieldError {
  try {
    read();
  } catch (error) {
    if (error instanceof FieldError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function textOf(bytes: Buffer): string {
  const packet = new PacketWriter(0).bytes(bytes).finish();
  return new PacketReader(packet, BODY).text();
}

describe('PacketReader', () => {
  it.each([
    { bytes: '00000000 00000000', value: 0 },
    { bytes: '00000000 ffffffff', value: 0xffffffff },
    { bytes: '00000001 00000000', value: 2 ** 32 },
    { bytes: '00000001 00000001', value: 2 ** 32 + 1 },
    { bytes: '001fffff fffffffe', value: Number.MAX_SAFE_INTEGER - 1 },
    { bytes: '001fffff ffffffff', value: Number.MAX_SAFE_INTEGER },
  ])('reads the 64-bit number $value exactly', ({ bytes, value }) => {
    expect(new PacketReader(hex(bytes)).uint64()).toBe(value);
  });

  it.each(['00200000 00000000', '00200000 00000001', '80000000 00000000', 'ffffffff ffffffff'])(
    'refuses the 64-bit number 0x%s, which is above 2^53 - 1',
    (bytes) => {
      const error = errorOf(() => new PacketReader(hex(bytes)).uint64());
      expect(error.status).toBe(StatusCode.FAILURE);
    },
  );

  it.each([
    { bytes: '00', value: false },
    { bytes: '01', value: true },
    { bytes: 'ff', value: true },
  ])('reads the byte $bytes as $value', ({ bytes, value }) => {
    expect(new PacketReader(hex(bytes)).boolean()).toBe(value);
  });

  it('reads fields one after the other and counts what remains', () => {
    const reader = new PacketReader(hex('07 80000001 00000002 6162 01'), 1);
    expect(reader.uint32()).toBe(0x80000001);
    expect(reader.remaining).toBe(7);
    expect(reader.bytes().toString()).toBe('ab');
    expect(reader.boolean()).toBe(true);
    expect(reader.remaining).toBe(0);
  });

  it.each([
    { what: 'boolean', packet: '', read: (r: PacketReader) => r.boolean() },
    { what: 'uint32', packet: '000000', read: (r: PacketReader) => r.uint32() },
    { what: 'uint64', packet: '00000000000000', read: (r: PacketReader) => r.uint64() },
    { what: 'string length', packet: '0000', read: (r: PacketReader) => r.bytes() },
    { what: 'string by one byte', packet: '00000003 6162', read: (r: PacketReader) => r.bytes() },
    { what: 'string by 4 GiB', packet: 'ffffffff 6162', read: (r: PacketReader) => r.bytes() },
    { what: 'text', packet: '00000003 6162', read: (r: PacketReader) => r.text() },
  ])('refuses a packet that ends inside a $what', ({ packet, read }) => {
    expect(errorOf(() => read(new PacketReader(hex(packet)))).status).toBe(StatusCode.BAD_MESSAGE);
  });

  it('gives a string of bytes as a view of the packet', () => {
    const packet = hex('00000002 6162');
    expect(new PacketReader(packet).bytes().buffer).toBe(packet.buffer);
  });

  it.each(['', 'plain', 'Grüße', '\u0000', '\u07ff\u0800\uffff', '😀', '\u{10ffff}', 'e\u0301'])(
    'reads the text %j as it was written',
    (text) => {
      expect(textOf(Buffer.from(text))).toBe(text);
    },
  );

  it.each([
    ['a lone continuation byte', '80'],
    ['a continuation byte after a letter', '61bf'],
    ['an overlong slash of two bytes', 'c0af'],
    ['an overlong slash of three bytes', 'e080af'],
    ['an overlong slash of four bytes', 'f08080af'],
    ['an overlong NUL', 'c080'],
    ['a high surrogate', 'eda080'],
    ['a low surrogate', 'edbfbf'],
    ['a surrogate pair', 'eda0bdedb880'],
    ['a cut sequence', 'e282'],
    ['a cut sequence before a letter', 'e28261'],
    ['a code point above U+10FFFF', 'f4908080'],
    ['a sequence of five bytes', 'f888808080'],
    ['the byte FE', 'fe'],
    ['the byte FF', 'ff'],
    ['Latin-1', '4772fc6e'],
  ])('refuses %s in a text', (_what, bytes) => {
    expect(errorOf(() => textOf(hex(bytes))).status).toBe(StatusCode.FAILURE);
  });
});

describe('PacketWriter', () => {
  it('writes length, type and fields as RFC 4251 has them', () => {
    const packet = new PacketWriter(104)
      .uint32(0xfffffffe)
      .uint64(2 ** 53 - 1)
      .bytes(Buffer.from([1, 2]))
      .text('é')
      .finish();
    expect(packet).toEqual(
      hex('00000019 68 fffffffe 001fffff ffffffff 00000002 0102 00000002 c3a9'),
    );
  });

  it('grows without losing what it holds, whatever it starts with', () => {
    for (const capacity of [0, 1, 5, 6, 64]) {
      const writer = new PacketWriter(9, capacity);
      const values = Array.from({ length: 300 }, (_, index) => index * 3);
      for (const value of values) writer.uint32(value);
      writer.bytes(Buffer.alloc(10_000, 5));
      const reader = new PacketReader(writer.finish(), BODY);
      expect(values.map(() => reader.uint32())).toEqual(values);
      expect(reader.bytes().equals(Buffer.alloc(10_000, 5))).toBe(true);
      expect(reader.remaining).toBe(0);
    }
  });

  it('writes a text that is no UTF-16 so that its length is right', () => {
    const packet = new PacketWriter(1).text('\ud800x').finish();
    expect(packet.subarray(BODY)).toEqual(hex('00000004 efbfbd78'));
  });

  it('drops what comes after a truncation', () => {
    const writer = new PacketWriter(1).uint32(7);
    const before = writer.length;
    writer.text('gone');
    writer.truncate(before);
    expect(writer.uint32(8).finish()).toEqual(hex('00000009 01 00000007 00000008'));
  });

  it('overwrites a field in its place', () => {
    const writer = new PacketWriter(1).uint32(0).uint32(5);
    writer.patchUint32(BODY, 0xfedcba98);
    expect(writer.finish()).toEqual(hex('00000009 01 fedcba98 00000005'));
  });
});

describe('attributes', () => {
  const PARTS: readonly Attributes[] = [
    { size: 2 ** 40 + 3 },
    { owner: { uid: 0xffffffff, gid: 1000 } },
    { permissions: 0o100644 },
    { times: { accessed: 1, modified: 0xfffffffe } },
  ];

  function read(bytes: Buffer): Attributes {
    return readAttributes(new PacketReader(bytes));
  }

  function written(attributes: Attributes): Buffer {
    const writer = new PacketWriter(0);
    writeAttributes(writer, attributes);
    return writer.finish().subarray(BODY);
  }

  it('stand on the wire as the draft has them', () => {
    expect(written(Object.assign({}, ...PARTS) as Attributes)).toEqual(
      hex('0000000f 00000100 00000003 ffffffff 000003e8 000081a4 00000001 fffffffe'),
    );
    expect(written({})).toEqual(hex('00000000'));
  });

  it('come back the same in every combination', () => {
    for (let mask = 0; mask < 16; mask++) {
      const chosen = PARTS.filter((_, index) => (mask & (1 << index)) !== 0);
      const attributes = Object.assign({}, ...chosen) as Attributes;
      const bytes = written(attributes);
      expect(bytes.readUInt32BE()).toBe(mask);
      expect(read(bytes)).toEqual(attributes);
    }
  });

  it('come back without the extended pairs, and the next field is found behind them', () => {
    const packet = new PacketWriter(0)
      .uint32((AttributeFlag.EXTENDED | AttributeFlag.PERMISSIONS) >>> 0)
      .uint32(0o755)
      .uint32(2)
      .text('acl@example.org')
      .text('everyone')
      .text('')
      .text('')
      .uint32(4711)
      .finish();
    const reader = new PacketReader(packet, BODY);
    expect(readAttributes(reader)).toEqual({ permissions: 0o755 });
    expect(reader.uint32()).toBe(4711);
  });

  it('are refused at once when they announce 2^32 - 1 pairs that are not there', () => {
    for (const pairs of ['', '00000000 00000000', '00000000 00000000 ffffffff']) {
      const error = errorOf(() => read(hex(`80000000 ffffffff ${pairs}`)));
      expect(error.status).toBe(StatusCode.BAD_MESSAGE);
    }
    // As many pairs as a packet can carry, all empty: the loop ends where the packet does.
    const full = Buffer.concat([hex('80000000 ffffffff'), Buffer.alloc(256 * 1024)]);
    expect(errorOf(() => read(full)).status).toBe(StatusCode.BAD_MESSAGE);
  });

  it('leave out flags that version 3 does not know', () => {
    expect(read(hex('00000010'))).toEqual({});
  });

  it('are refused with a size above 2^53 - 1', () => {
    expect(read(hex('00000001 001fffff ffffffff'))).toEqual({ size: Number.MAX_SAFE_INTEGER });
    expect(errorOf(() => read(hex('00000001 00200000 00000000'))).status).toBe(StatusCode.FAILURE);
  });

  it('are refused when they end at any byte before their last', () => {
    const whole = written(Object.assign({}, ...PARTS) as Attributes);
    for (let length = 0; length < whole.length; length++) {
      expect(errorOf(() => read(whole.subarray(0, length))).status).toBe(StatusCode.BAD_MESSAGE);
    }
  });
});
