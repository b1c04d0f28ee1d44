import { describe, expect, it } from '@jest/globals';

import { MODERN_ALGORITHMS } from './algorithms.js';
import { ed25519KeyPair } from '../auth/spec-support/key-pairs.js';

describe('MODERN_ALGORITHMS', () => {
  it.each(Object.entries(MODERN_ALGORITHMS))('holds nothing that is broken: %s', (_kind, names) => {
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).not.toMatch(/sha1|md5|cbc|arcfour|3des|blowfish|ripemd|ssh-dss|ssh-rsa|zlib/);
      expect(name).not.toMatch(/group1-|group-exchange|umac-64|-96/);
    }
  });

  it('is what this process can do', async () => {
    const { default: ssh2 } = await import('ssh2');
    const { private: key } = ed25519KeyPair();
    // ssh2 throws for a name that it does not support.
    expect(() => new ssh2.Server({ hostKeys: [key], algorithms: MODERN_ALGORITHMS })).not.toThrow();
  });
});
