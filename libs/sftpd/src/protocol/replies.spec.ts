import { describe, expect, it } from '@jest/globals';

import { StatusCode } from './constants.js';
import { DATA_HEADER_BYTES, finishDataReply } from './data-reply.js';
import { longname, type LongnameFields } from './longname.js';
import { NamePage } from './name-page.js';
import { PacketReader } from './packet-reader.js';
import {
  attributesReply,
  extendedReply,
  handleReply,
  nameReply,
  statusReply,
  versionPacket,
} from './replies.js';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

describe('replies', () => {
  it('VERSION is version 3 and pairs of strings', () => {
    expect(versionPacket([])).toEqual(hex('00000005 02 00000003'));
    expect(
      versionPacket([
        ['a@b', '1'],
        ['cd', ''],
      ]),
    ).toEqual(hex('0000001b 02 00000003 00000003 614062 00000001 31 00000002 6364 00000000'));
  });

  it('STATUS is id, code, message and language', () => {
    expect(statusReply(0xfffffffe, StatusCode.EOF, 'é!')).toEqual(
      hex('00000016 65 fffffffe 00000001 00000003 c3a921 00000002 656e'),
    );
  });

  it.each(Object.entries(StatusCode))('STATUS %s has words of its own', (_name, code) => {
    const reader = new PacketReader(statusReply(1, code), 5);
    expect([reader.uint32(), reader.uint32()]).toEqual([1, code]);
    expect(reader.text()).toMatch(/^[A-Z][a-z ]+$/);
    expect(reader.text()).toBe('en');
    expect(reader.remaining).toBe(0);
  });

  it('HANDLE is id and string', () => {
    expect(handleReply(7, hex('00ff80'))).toEqual(hex('0000000c 66 00000007 00000003 00ff80'));
  });

  it.each([0, 1, 3])(
    'DATA is id and string, around %i bytes of content that stay in place',
    (count) => {
      const buffer = Buffer.alloc(DATA_HEADER_BYTES + 3, 0xee);
      Buffer.from('abc').copy(buffer, DATA_HEADER_BYTES);
      const packet = finishDataReply(buffer, 0xfffffffe, count);
      expect(packet.buffer).toBe(buffer.buffer);
      expect(packet).toEqual(
        Buffer.concat([
          hex(`000000${(9 + count).toString(16).padStart(2, '0')} 67 fffffffe 0000000${count}`),
          Buffer.from('abc').subarray(0, count),
        ]),
      );
    },
  );

  it('ATTRS is id and attributes', () => {
    expect(attributesReply(7, { size: 3, permissions: 0o644 })).toEqual(
      hex('00000015 69 00000007 00000005 00000000 00000003 000001a4'),
    );
  });

  it('NAME of one name has it twice and no attributes', () => {
    expect(nameReply(7, '/x')).toEqual(
      hex('00000019 68 00000007 00000001 00000002 2f78 00000002 2f78 00000000'),
    );
  });

  it('EXTENDED_REPLY is id and what the extension adds', () => {
    expect(extendedReply(7, (writer) => writer.uint64(9))).toEqual(
      hex('0000000d c9 00000007 00000000 00000009'),
    );
  });
});

describe('NamePage', () => {
  const MAX_BYTES = 32_768;

  function entriesOf(packet: Buffer): { name: string; longname: string; size: number }[] {
    const reader = new PacketReader(packet, 9);
    const entries = Array.from({ length: reader.uint32() }, () => {
      const name = reader.text();
      const line = reader.text();
      expect(reader.uint32()).toBe(1);
      return { name, longname: line, size: reader.uint64() };
    });
    expect(reader.remaining).toBe(0);
    return entries;
  }

  it('holds its entries in order, with their count', () => {
    const page = new NamePage(5);
    expect(page.count).toBe(0);
    expect(page.add('a', 'line a', { size: 1 })).toBe(true);
    expect(page.add('ü', 'line b', { size: 2 ** 40 })).toBe(true);
    const packet = page.finish();
    expect(packet.subarray(4, 13)).toEqual(hex('68 00000005 00000002'));
    expect(packet.readUInt32BE()).toBe(packet.length - 4);
    expect(entriesOf(packet)).toEqual([
      { name: 'a', longname: 'line a', size: 1 },
      { name: 'ü', longname: 'line b', size: 2 ** 40 },
    ]);
  });

  it('is full at 32,768 bytes and not one less', () => {
    // An entry here is 4 + name + 4 + 4 + 8 bytes; the packet before it 13.
    const first = 'x'.repeat(1000);
    const room = MAX_BYTES - 13 - 20 - first.length - 20;
    for (const [extra, fits] of [
      [0, true],
      [1, false],
    ] as const) {
      const page = new NamePage(1);
      page.add(first, '', { size: 0 });
      expect(page.add('y'.repeat(room + extra), '', { size: 0 })).toBe(fits);
      expect(page.count).toBe(fits ? 2 : 1);
      const packet = page.finish();
      expect(packet.length).toBe(fits ? MAX_BYTES : 13 + 20 + first.length);
      expect(entriesOf(packet)[0]?.name).toBe(first);
    }
  });

  it('takes a smaller entry after one that did not fit', () => {
    const page = new NamePage(1);
    page.add('a', '', { size: 0 });
    expect(page.add('b'.repeat(MAX_BYTES), '', { size: 0 })).toBe(false);
    expect(page.add('c', '', { size: 0 })).toBe(true);
    expect(entriesOf(page.finish()).map(({ name }) => name)).toEqual(['a', 'c']);
  });

  it('takes a first entry of any length', () => {
    const page = new NamePage(1);
    const name = 'n'.repeat(2 * MAX_BYTES);
    expect(page.add(name, name, { size: 0 })).toBe(true);
    expect(page.add('b', '', { size: 0 })).toBe(false);
    expect(entriesOf(page.finish()).map((entry) => entry.name)).toEqual([name]);
  });
});

describe('longname', () => {
  const NOW = new Date('2026-07-01T12:00:00Z');
  const FILE: LongnameFields = {
    mode: 0o100644,
    links: 1,
    owner: 'ann',
    group: 'staff',
    size: 1234,
    modifiedAt: new Date('2026-06-05T07:08:09Z'),
    name: 'report.txt',
  };

  function line(fields: Partial<LongnameFields>): string {
    return longname({ ...FILE, ...fields }, NOW);
  }

  it('is what ls -l prints', () => {
    expect(line({})).toBe('-rw-r--r--    1 ann      staff        1234 Jun  5 07:08 report.txt');
  });

  it.each([
    [0o140755, 's'],
    [0o120777, 'l'],
    [0o100644, '-'],
    [0o060660, 'b'],
    [0o040755, 'd'],
    [0o020620, 'c'],
    [0o010600, 'p'],
    [0o000644, '-'],
    [0o170644, '-'],
  ])('starts the mode %o with %s', (mode, letter) => {
    expect(line({ mode })[0]).toBe(letter);
  });

  it.each([
    [0o0000, '---------'],
    [0o0777, 'rwxrwxrwx'],
    [0o0421, 'r---w---x'],
    [0o0124, '--x-w-r--'],
    [0o4755, 'rwsr-xr-x'],
    [0o4644, 'rwSr--r--'],
    [0o2755, 'rwxr-sr-x'],
    [0o2745, 'rwxr-Sr-x'],
    [0o1777, 'rwxrwxrwt'],
    [0o1776, 'rwxrwxrwT'],
    [0o7777, 'rwsrwsrwt'],
    [0o7000, '--S--S--T'],
  ])('writes the permission bits %o as %s', (bits, text) => {
    expect(line({ mode: 0o100000 | bits }).slice(1, 10)).toBe(text);
  });

  it.each([
    ['a minute ago', '2026-07-01T11:59:00Z', 'Jul  1 11:59'],
    ['in a minute', '2026-07-01T12:01:00Z', 'Jul  1 12:01'],
    ['almost half a year ago', '2025-12-31T12:00:01Z', 'Dec 31 12:00'],
    ['half a year ago', '2025-12-31T12:00:00Z', 'Dec 31  2025'],
    ['in more than half a year', '2027-02-03T00:00:00Z', 'Feb  3  2027'],
    ['in 1970', '1970-01-01T00:00:00Z', 'Jan  1  1970'],
    ['in 2106', '2106-02-07T06:28:15Z', 'Feb  7  2106'],
  ])('shows the time of a change %s as time or year', (_when, date, text) => {
    expect(line({ modifiedAt: new Date(date) })).toContain(` ${text} report.txt`);
  });

  it('shows sizes above 10 GB in full', () => {
    expect(line({ size: 12_345_678_901 })).toContain(' 12345678901 Jun');
    expect(line({ size: Number.MAX_SAFE_INTEGER })).toContain(' 9007199254740991 Jun');
  });

  it.each([
    ['plain', {}],
    ['an owner with spaces', { owner: 'Ann Other', group: 'domain users\tall' }],
    ['no owner', { owner: '', group: '' }],
    ['long owners', { owner: 'o'.repeat(40), group: 'g'.repeat(40) }],
    ['a huge file', { size: Number.MAX_SAFE_INTEGER, links: 123_456 }],
    ['an old file', { modifiedAt: new Date(0) }],
    ['a date that is none', { modifiedAt: new Date(NaN) }],
  ])('is nine columns for those who split it at spaces: %s', (_what, fields) => {
    expect(line(fields).split(/ +/)).toHaveLength(9);
    expect(line(fields).split(/ +/)[8]).toBe('report.txt');
  });

  it('shows a date that is none as 1970', () => {
    expect(line({ modifiedAt: new Date(NaN) })).toContain(' Jan  1  1970 report.txt');
  });

  it('leaves the name as it is', () => {
    const name = ' two  spaces ü ';
    expect(line({ name }).endsWith(` ${name}`)).toBe(true);
  });
});
