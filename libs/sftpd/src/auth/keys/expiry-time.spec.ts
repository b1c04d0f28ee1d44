import { describe, expect, it } from '@jest/globals';

import { parseExpiryTime } from './expiry-time.js';

describe('parseExpiryTime', () => {
  it.each([
    ['20300102Z', '2030-01-02T00:00:00Z'],
    ['203001021304z', '2030-01-02T13:04:00Z'],
    ['20300102130405Z', '2030-01-02T13:04:05Z'],
    ['20300102130405UTC', '2030-01-02T13:04:05Z'],
    ['20280229Z', '2028-02-29T00:00:00Z'],
  ])('reads %s in UTC', (text, time) => {
    expect(parseExpiryTime(text)).toEqual(new Date(time));
  });

  it.each([
    ['20300702', new Date(2030, 6, 2)],
    ['203001021304', new Date(2030, 0, 2, 13, 4)],
    ['20300102130405', new Date(2030, 0, 2, 13, 4, 5)],
  ])('reads %s in the time zone of the process', (text, time) => {
    expect(parseExpiryTime(text)).toEqual(time);
  });

  it.each([
    '',
    'Z',
    '2030',
    '2030010',
    '203001021',
    '2030010213',
    '2030-01-02',
    '20300102 1304',
    '203001021304050',
    '20301301',
    '20300001',
    '20300230Z',
    '20290229',
    '203001022400',
    '203001021360',
    '20300102130460',
    '20300102X',
    ' 20300102',
    'always',
  ])('refuses %j', (text) => {
    expect(() => parseExpiryTime(text)).toThrow(
      'the option expiry-time must be a time that exists, as YYYYMMDD[HHMM[SS]][Z]',
    );
  });
});
