import { describe, expect, it } from '@jest/globals';
import { LONGEST_DURATION, parseDuration } from './durations.js';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['1ms', 1],
    ['500ms', 500],
    ['30s', 30_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['007s', 7000],
    ['2147483647ms', LONGEST_DURATION],
    ['24d', 2_073_600_000],
  ])('reads %s as %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    '',
    '30',
    's',
    '-1s',
    '+1s',
    '1.5s',
    '1e3s',
    '30 s',
    ' 30s',
    '30s ',
    '30S',
    '30sec',
    '1m30s',
    '٣s',
    '2147483648ms',
    '25d',
    `${'9'.repeat(400)}s`,
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
