import { describe, expect, it } from '@jest/globals';

import { describeEncryption } from './describe-encryption.js';

describe('describeEncryption', () => {
  it('says that the native addon is in use', () => {
    expect(describeEncryption(true)).toBe("ssh2's native addon is in use");
  });

  it('says what it costs that it is not, and the fix', () => {
    const line = describeEncryption(false);
    expect(line).toContain('is not in use');
    expect(line).toContain('several times slower');
    expect(line).toContain('`npm rebuild ssh2`');
  });

  it('claims neither where ssh2 does not tell', () => {
    expect(describeEncryption(undefined)).toContain('does not tell whether');
  });
});
