import { describe, expect, it } from '@jest/globals';

import { isNameOnWindows } from './windows-names.js';

describe('isNameOnWindows', () => {
  it.each(['a', 'a.txt', '.a', 'a b', '\u00e9', 'console', 'com', 'com10', 'nul-1'])(
    'takes %j',
    (name) => {
      expect(isNameOnWindows(name)).toBe(true);
    },
  );

  it.each([
    ['', 'nothing'],
    ['..', 'a way up'],
    ['a.', 'the same as a'],
    ['a ', 'the same as a'],
    ['C:', 'a drive'],
    ['a:b', 'a stream of a'],
    ['a\\b', 'two names'],
    ['a\u0001', 'a control character'],
    ['*', 'a pattern'],
    ['nul', 'a device'],
    ['COM1.txt', 'a device'],
    ['aux .txt', 'a device'],
    ['com\u00b9', 'a device'],
  ])('refuses %j: %s', (name) => {
    expect(isNameOnWindows(name)).toBe(false);
  });
});
