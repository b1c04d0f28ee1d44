import { describe, expect, it } from '@jest/globals';

import { canonicalAddress, countedAs } from './address.js';
import { addressEntryProblem, AddressList } from './address-list.js';

describe('canonicalAddress', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:C000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:c000:0207', '192.0.2.7'],
    ['2001:DB8:0:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
  ])('%s is %s', (text, address) => {
    expect(canonicalAddress(text)).toBe(address);
  });

  it.each(['', 'localhost', '192.0.2', '192.0.2.07', '1.2.3.4.5', ':::', '%eth0', '192.0.2.7%1'])(
    '%j is no address',
    (text) => {
      expect(canonicalAddress(text)).toBeUndefined();
    },
  );
});

describe('countedAs', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::ffff', '2001:db8::/64'],
    ['2001:0:0:1::1', '2001:0:0:1::/64'],
    ['1:2:3::', '1:2:3::/64'],
    ['::1', '::/64'],
    ['::1.2.3.4', '::/64'],
    ['1::6:7:8', '1::/64'],
    ['0:0:0:1::5', '0:0:0:1::/64'],
  ])('%s counts as %s', (address, counted) => {
    expect(countedAs(address)).toBe(counted);
  });
});

describe('AddressList', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', '11.0.0.1'],
    ['10.1.2.3/8', '10.255.0.1', '11.0.0.1'],
    ['192.0.2.7', '192.0.2.7', '192.0.2.8'],
    ['192.0.2.6/31', '192.0.2.7', '192.0.2.8'],
    ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1'],
    ['2001:DB8::1', '2001:db8::1', '2001:db8::2'],
    ['0.0.0.0/0', '203.0.113.9', '2001:db8::1'],
    // All of IPv6, and nothing of IPv4.
    ['::/0', '2001:db8::1', '203.0.113.9'],
    ['::ffff:10.0.0.0/104', '10.1.1.1', '11.1.1.1'],
    ['::ffff:10.0.0.1', '10.0.0.1', '10.0.0.2'],
  ])('%s has %s and not %s', (entry, inside, outside) => {
    const list = new AddressList([entry]);
    expect(list.has(inside)).toBe(true);
    expect(list.has(outside)).toBe(false);
  });

  it('an empty one has nobody', () => {
    expect(new AddressList([]).has('127.0.0.1')).toBe(false);
  });

  it.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/255.0.0.0',
    '10.0.0',
    '2001:db8::/129',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/8',
    ' 10.0.0.1',
    '10.0.0.1-10.0.0.9',
  ])('%j is told by name', (entry) => {
    expect(addressEntryProblem(entry)).toContain(JSON.stringify(entry));
    expect(() => new AddressList(['10.0.0.1', entry])).toThrow(JSON.stringify(entry));
  });

  it('what is no text is no entry', () => {
    expect(addressEntryProblem(7)).toContain('type number');
    expect(addressEntryProblem('10.0.0.0/8')).toBeUndefined();
  });
});
