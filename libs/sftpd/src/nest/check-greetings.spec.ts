import { describe, expect, it } from '@jest/globals';

import { bannerProblems, identProblems } from './check-greetings.js';

describe('bannerProblems', () => {
  it.each([undefined, 'Hello', 'Two\nlines\r\n\tand a tab\n', 'Grüße 🚀', 'x'.repeat(31_999)])(
    'finds nothing wrong with a text',
    (banner) => {
      expect(bannerProblems(banner)).toEqual([]);
    },
  );

  it.each([
    ['a number', 1, /must be a text/],
    ['nothing', '', /must be a text/],
    ['null', null, /must be a text/],
    ['an escape sequence', '\u001b[2J', /control characters/],
    ['a NUL', 'a\0b', /control characters/],
    ['a carriage return alone', 'a\rb', /control characters/],
    ['a control character beyond ASCII', 'a\u009bb', /control characters/],
    ['half a character', 'a\ud83d', /control characters/],
    ['a text that is too long', 'x'.repeat(32_000), /32000 bytes/],
    ['too many bytes', 'ü'.repeat(16_000), /32000 bytes/],
    ['too many bytes once its lines end as SSH wants them', '\n'.repeat(16_000), /32000 bytes/],
  ])('refuses %s', (_what, banner, problem) => {
    const problems = bannerProblems(banner);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});

describe('identProblems', () => {
  it.each([undefined, 'nestjs_sftpd', 'Acme_1.0', '!~', 'x'.repeat(245)])(
    'finds nothing wrong with %j',
    (ident) => {
      expect(identProblems(ident)).toEqual([]);
    },
  );

  it.each(['', 'two words', 'nestjs-sftpd', 'Größe', 'a\r\nb', 'a\n', 'a\u007f', 1, null])(
    'refuses %j',
    (ident) => {
      expect(identProblems(ident)).toEqual([
        expect.stringMatching(/^ident: must be printable ASCII/),
      ]);
    },
  );

  it('keeps the whole line within 255 bytes', () => {
    expect(identProblems('x'.repeat(246))).toEqual([
      'ident: must not be longer than 245 characters',
    ]);
  });
});
