import { describe, expect, it } from '@jest/globals';

import { parseProxyHeader, type ProxyHeader } from './proxy-header.js';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const IPV4 = 'c0000207' + 'cb007101' + 'd431' + '0016';

function binary(command: string, transport: string, size: string, rest = ''): Buffer {
  return Buffer.from(SIGNATURE + command + transport + size + rest, 'hex');
}

/** What comes of a header whose bytes come one at a time, with SSH behind it. */
function byteByByte(header: Buffer): ProxyHeader {
  const all = Buffer.concat([header, Buffer.from('SSH-2.0-x\r\n')]);
  for (let end = 1; end <= all.length; end++) {
    const outcome = parseProxyHeader(all.subarray(0, end));
    if (outcome !== 'more') return outcome;
  }
  return 'more';
}

const GOOD: [string, Buffer, { address: string; port: number } | undefined][] = [
  [
    'TCP4',
    Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.1 54321 22\r\n'),
    { address: '192.0.2.7', port: 54321 },
  ],
  [
    'TCP6',
    Buffer.from('PROXY TCP6 2001:DB8:0::7 2001:db8::1 1 65535\r\n'),
    { address: '2001:db8::7', port: 1 },
  ],
  [
    'TCP6 around IPv4',
    Buffer.from('PROXY TCP6 ::ffff:192.0.2.7 ::ffff:203.0.113.1 1 2\r\n'),
    { address: '192.0.2.7', port: 1 },
  ],
  ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  [
    'UNKNOWN with the longest addresses',
    Buffer.from(
      'PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535'.padEnd(105, 'x') + '\r\n',
    ),
    undefined,
  ],
  ['version 2, IPv4', binary('21', '11', '000c', IPV4), { address: '192.0.2.7', port: 54321 }],
  [
    'version 2, IPv4 and additions',
    binary('21', '11', '0011', IPV4 + '0400020000'),
    { address: '192.0.2.7', port: 54321 },
  ],
  [
    'version 2, IPv6',
    binary('21', '21', '0024', '20010db8' + '0'.repeat(22) + '07' + '0'.repeat(32) + 'd4310016'),
    { address: '2001:db8::7', port: 54321 },
  ],
  [
    'version 2, IPv4 in IPv6',
    binary('21', '21', '0024', '0'.repeat(20) + 'ffffc0000207' + '0'.repeat(32) + 'd4310016'),
    { address: '192.0.2.7', port: 54321 },
  ],
  ['version 2, LOCAL', binary('20', '00', '0000'), undefined],
  ['version 2, LOCAL with addresses', binary('20', '11', '000c', IPV4), undefined],
  ['version 2, unspecified', binary('21', '00', '0003', '040000'), undefined],
];

describe('parseProxyHeader', () => {
  it.each(GOOD)('%s: byte by byte and at once', (_title, header, peer) => {
    expect(byteByByte(header)).toEqual({ length: header.length, peer });
    const behind = Buffer.concat([header, Buffer.alloc(5000, 'x')]);
    expect(parseProxyHeader(behind)).toEqual({ length: header.length, peer });
  });

  it.each(GOOD)('%s: asks for more until it is whole', (_title, header) => {
    for (let end = 0; end < header.length; end++) {
      expect(parseProxyHeader(header.subarray(0, end))).toBe('more');
    }
  });

  it.each([
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['small letters', Buffer.from('proxy TCP4 192.0.2.7 203.0.113.1 1 2\r\n')],
    ['an IPv6 address as TCP4', Buffer.from('PROXY TCP4 2001:db8::7 203.0.113.1 1 2\r\n')],
    ['an IPv4 address as TCP6', Buffer.from('PROXY TCP6 192.0.2.7 2001:db8::7 1 2\r\n')],
    ['a destination that is none', Buffer.from('PROXY TCP4 192.0.2.7 nowhere 1 2\r\n')],
    ['a zone', Buffer.from('PROXY TCP6 fe80::1%eth0 fe80::2 1 2\r\n')],
    ['a port above 65535', Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.1 65536 2\r\n')],
    ['a port below 0', Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.1 -1 2\r\n')],
    ['a port with zeros', Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.1 01 2\r\n')],
    ['two blanks', Buffer.from('PROXY TCP4  192.0.2.7 203.0.113.1 1 2\r\n')],
    ['too few fields', Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.1 1\r\n')],
    ['too many fields', Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.1 1 2 3\r\n')],
    ['no family', Buffer.from('PROXY \r\n')],
    ['another family', Buffer.from('PROXY UDP4 192.0.2.7 203.0.113.1 1 2\r\n')],
    ['CR alone', Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.1 1 2\rSSH')],
    ['LF alone', Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.1 1 2\n'.padEnd(120, 'x'))],
    ['no end', Buffer.from('PROXY UNKNOWN '.padEnd(107, 'x'))],
    ['an end that is too late', Buffer.from('PROXY UNKNOWN'.padEnd(106, 'x') + '\r\n')],
    ['a signature with a fault', Buffer.from('0d0a0d0a000d0a515549540b21110000', 'hex')],
    ['version 1 in binary', binary('11', '11', '000c', IPV4)],
    ['version 3', binary('31', '11', '000c', IPV4)],
    ['another command', binary('22', '11', '000c', IPV4)],
    ['addresses that are too short', binary('21', '11', '000b', IPV4)],
    ['IPv6 addresses that are too short', binary('21', '21', '0023', '00'.repeat(35))],
    ['UDP', binary('21', '12', '000c', IPV4)],
    ['a UNIX socket', binary('21', '31', '00d8', '00'.repeat(216))],
    ['64 KiB of additions', binary('21', '11', 'ffff')],
    ['64 KiB of nothing', binary('20', '00', 'ffff')],
  ])('refuses %s', (_title, bytes) => {
    expect(byteByByte(bytes)).toEqual({ problem: expect.any(String) });
    expect(parseProxyHeader(bytes)).toEqual({ problem: expect.any(String) });
  });

  it('refuses what is no header at its first wrong byte', () => {
    expect(parseProxyHeader(Buffer.from('S'))).toEqual({ problem: 'there is no header' });
    expect(parseProxyHeader(Buffer.from('PROXX'))).toEqual({ problem: 'there is no header' });
  });
});
