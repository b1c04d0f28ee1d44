import { describe, expect, it } from '@jest/globals';

import { manyLines, oneLine, printableJson, quoted } from './printable.js';

describe('what comes from outside, in a log', () => {
  it.each([
    ['a line feed', 'a\nb', 'a\\u000ab'],
    ['an escape sequence', '\u001b[2J', '\\u001b[2J'],
    ['a control sequence of eight bits', '\u009b2J', '\\u009b2J'],
    ['DEL', 'a\u007f', 'a\\u007f'],
    ['an override of the direction', 'a\u202eb', 'a\\u202eb'],
    ['an isolate', '\u2066a', '\\u2066a'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['what has no width', 'a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['a mark of the direction of Arabic', 'a\u061cb', 'a\\u061cb'],
    ['a hyphen that is not seen', 'a\u00adb', 'a\\u00adb'],
    ['a tag that is not seen', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
    ['letters of any script', 'Zürich, 東京, Ελλάδα', 'Zürich, 東京, Ελλάδα'],
  ])('%s', (_title, text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });

  it('keeps the lines of a stack, and nothing else', () => {
    expect(manyLines('Error: a\r\n    at b\u001b')).toBe('Error: a\\u000d\n    at b\\u001b');
  });

  it('is in quotes, which it cannot close', () => {
    expect(quoted('a" logged in\n\u202e')).toBe('"a\\" logged in\\n\\u202e"');
  });

  it('is cut where it is too long', () => {
    expect(quoted('x'.repeat(300))).toBe(`"${'x'.repeat(256)}..."`);
    expect(oneLine('x'.repeat(5000))).toBe(`${'x'.repeat(4000)}...`);
  });

  it('is whole as JSON, which reads back the same', () => {
    const record = { path: `/\u202e\n${'x'.repeat(5000)}`, bytes: 1 };
    const json = printableJson(record);
    expect(json).toContain('"/\\u202e\\nxxx');
    expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(json)).toEqual(record);
  });
});
