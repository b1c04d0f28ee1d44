import { describe, expect, it } from '@jest/globals';

import { AddressPatterns } from './address-patterns.js';

function matching(patterns: string, ...addresses: readonly string[]): string[] {
  const compiled = new AddressPatterns(patterns.split(','));
  return addresses.filter((address) => compiled.match(address));
}

describe('AddressPatterns', () => {
  it('knows addresses', () => {
    expect(matching('192.0.2.1', '192.0.2.1', '192.0.2.10', '192.0.2.2')).toEqual(['192.0.2.1']);
    expect(matching('2001:DB8:0::1', '2001:db8::1', '2001:db8::2')).toEqual(['2001:db8::1']);
  });

  it('knows networks', () => {
    const addresses = [
      '10.0.0.0',
      '10.255.255.255',
      '11.0.0.0',
      '9.255.255.255',
      '::ffff:10.1.1.1',
    ];
    expect(matching('10.0.0.0/8', ...addresses)).toEqual([
      '10.0.0.0',
      '10.255.255.255',
      '::ffff:10.1.1.1',
    ]);
    expect(matching('192.0.2.128/25', '192.0.2.127', '192.0.2.128')).toEqual(['192.0.2.128']);
    expect(matching('192.0.2.1/32', '192.0.2.1', '192.0.2.0')).toEqual(['192.0.2.1']);
    expect(matching('2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1')).toEqual([
      '2001:db8:7fff::1',
    ]);
  });

  it('keeps the families apart', () => {
    expect(matching('0.0.0.0/0', '10.0.0.1', '::1', '::ffff:10.0.0.2')).toEqual([
      '10.0.0.1',
      '::ffff:10.0.0.2',
    ]);
    expect(matching('::/0', '10.0.0.1', '::1', '::ffff:10.0.0.2')).toEqual(['::1']);
  });

  it('knows wildcards', () => {
    expect(matching('*', '10.0.0.1', '::1')).toEqual(['10.0.0.1', '::1']);
    expect(matching('192.0.2.?', '192.0.2.1', '192.0.2.10')).toEqual(['192.0.2.1']);
    expect(matching('10.*.7', '10.0.0.7', '10.7.0.1', '110.0.0.7', '10.0.0.70')).toEqual([
      '10.0.0.7',
    ]);
    expect(matching('2001:DB8:*', '2001:db8::1', '2001:db9::1')).toEqual(['2001:db8::1']);
    // An address is matched as it is usually written.
    expect(matching('2001:db8::*', '2001:0DB8:0:0::1')).toEqual(['2001:0DB8:0:0::1']);
    expect(matching('10.*', '::ffff:10.0.0.1')).toEqual(['::ffff:10.0.0.1']);
  });

  it('excludes, in whatever order', () => {
    const addresses = ['10.0.0.1', '10.0.0.2', '10.1.0.1', '11.0.0.1'];
    for (const patterns of ['10.*,!10.1.0.0/16,!10.0.0.2', '!10.0.0.2,!10.1.0.0/16,10.0.0.0/8']) {
      expect(matching(patterns, ...addresses)).toEqual(['10.0.0.1']);
    }
    expect(matching('10.0.0.1,!*', ...addresses)).toEqual([]);
  });

  it('matches nothing that is no IP address', () => {
    expect(matching('*', '', 'localhost', '10.0.0.1 ', '10.0.0', '1.2.3.4.5', 'x%::1')).toEqual([]);
  });

  it('pays no attention to the zone of an address', () => {
    expect(matching('fe80::/10', 'fe80::1%eth0')).toEqual(['fe80::1%eth0']);
  });

  it.each([
    ['', 'is empty'],
    ['!', 'is empty'],
    ['example.com', 'is no IP address: names of hosts are never looked up'],
    ['*.example.com', 'names of hosts'],
    ['*.de', 'names of hosts'],
    ['cafe*', 'names of hosts'],
    ['localhost', 'names of hosts'],
    ['!evil.example', 'names of hosts'],
    ['10.0.0', 'is no IP address'],
    ['010.0.0.1', 'is no IP address'],
    [' 10.0.0.1', 'is no IP address'],
    ['10.0.0.1:22', 'is no IP address'],
    ['[::1]', 'is no IP address'],
    ['10.0.0.0/33', 'is no network'],
    ['10.0.0.0/', 'is no network'],
    ['10.0.0.0/-1', 'is no network'],
    ['10.0.0.0/8/8', 'is no network'],
    ['10.0.0.0/255.0.0.0', 'is no network'],
    ['10.*/8', 'is no network'],
    ['::/129', 'is no network'],
    ['fe80::1%eth0', 'is no network'],
    ['example.com/24', 'is no network'],
    ['10.0.0.1/8', 'is a network whose address has bits beyond its mask'],
    ['10.0.0.1/0', 'has bits beyond its mask'],
    ['2001:db8::1/64', 'has bits beyond its mask'],
    ['::1.2.3.4/96', 'has bits beyond its mask'],
    ['::ffff:10.0.0.0/104', 'is an IPv4 address in the form of IPv6'],
    ['::ffff:a00:1', 'is an IPv4 address in the form of IPv6'],
  ])('refuses %j and never repeats it', (pattern, message) => {
    const compile = (): unknown => new AddressPatterns(['10.0.0.1', pattern]);
    expect(compile).toThrow('pattern 2 of the option from is ');
    expect(compile).toThrow(message);
    if (pattern.length > 2) expect(compile).not.toThrow(pattern);
  });

  it('refuses exclusions alone', () => {
    expect(() => new AddressPatterns(['!10.0.0.1'])).toThrow('has only exclusions');
    expect(() => new AddressPatterns([])).toThrow('has only exclusions');
  });

  it('takes little time for many wildcards', () => {
    const compiled = new AddressPatterns([`${'*1'.repeat(500)}*2`]);
    expect(compiled.match('1111:1111:1111:1111:1111:1111:1111:1111')).toBe(false);
  });
});
