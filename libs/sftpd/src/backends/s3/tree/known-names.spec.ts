import { describe, expect, it } from '@jest/globals';

import { KnownNames } from './known-names.js';

describe('KnownNames', () => {
  let now = 0;
  const names = (limit?: number): KnownNames => new KnownNames(limit, 1000, () => now);

  it('knows nothing of a directory that was not listed', () => {
    expect(names().isFree('d/', 'a')).toBe(false);
  });

  it('knows which names are free, for a while', () => {
    now = 0;
    const known = names();
    known.remember('d/', ['a', 'b']);
    expect([known.isFree('d/', 'a'), known.isFree('d/', 'c'), known.isFree('e/', 'c')]).toEqual([
      false,
      true,
      false,
    ]);
    now = 999;
    expect(known.isFree('d/', 'c')).toBe(true);
    now = 1000;
    expect(known.isFree('d/', 'c')).toBe(false);
  });

  it('wants a listing for the second of two uploads that follow one another, and no other', () => {
    now = 0;
    const known = names();
    expect(known.noteUpload('d/')).toBe(false);
    expect(known.noteUpload('e/')).toBe(false);
    now = 500;
    expect(known.noteUpload('d/')).toBe(true);
    expect(known.noteUpload('d/')).toBe(false);
    expect(known.isFree('d/', 'x')).toBe(false);
    known.remember('d/', ['a']);
    expect(known.noteUpload('d/')).toBe(false);
    now = 1500;
    expect(known.noteUpload('d/')).toBe(false);
    now = 1501;
    expect(known.noteUpload('d/')).toBe(true);
    known.remember('d/', undefined);
    expect(known.noteUpload('d/')).toBe(false);
    expect(known.isFree('d/', 'x')).toBe(false);
  });

  it('takes the names of what is written, in all directories above', () => {
    now = 0;
    const known = names();
    for (const prefix of ['', 't/', 't/d/']) known.remember(prefix, []);
    known.take('t/d/f');
    known.take('t/e/');
    expect(known.isFree('', 't')).toBe(false);
    expect(known.isFree('t/', 'd')).toBe(false);
    expect(known.isFree('t/', 'e')).toBe(false);
    expect(known.isFree('t/d/', 'f')).toBe(false);
    expect(known.isFree('t/d/', 'd')).toBe(true);
  });

  it('forgets a directory with all below it', () => {
    now = 0;
    const known = names();
    for (const prefix of ['t/', 't/d/', 'tt/']) known.remember(prefix, []);
    known.forget('t/');
    expect(['t/', 't/d/', 'tt/'].map((prefix) => known.isFree(prefix, 'x'))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('keeps a bounded number of directories and of names', () => {
    now = 0;
    const known = names(2);
    for (const prefix of ['a/', 'b/', 'c/']) known.remember(prefix, []);
    expect(known.isFree('a/', 'x')).toBe(false);
    expect(known.isFree('c/', 'x')).toBe(true);
    for (let count = 0; count <= 5000; count += 1) known.take(`c/${count}`);
    expect(known.isFree('c/', 'x')).toBe(false);
    expect(known.noteUpload('c/')).toBe(false);
  });
});
