import { describe, expect, it } from '@jest/globals';

import {
  allowsSha1Signatures,
  algorithmsOf,
  LEGACY_ALGORITHMS,
  MODERN_ALGORITHMS,
} from './algorithms.js';
import { supportedAlgorithms } from './ssh2-internals.js';

const KINDS = ['kex', 'serverHostKey', 'cipher', 'hmac'] as const;

describe('MODERN_ALGORITHMS', () => {
  it.each(KINDS.map((kind) => [kind, MODERN_ALGORITHMS[kind]] as const))(
    'holds nothing that is broken: %s',
    (_kind, names) => {
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) {
        expect(name).not.toMatch(/sha1|md5|cbc|arcfour|3des|blowfish|ripemd|ssh-dss|ssh-rsa|zlib/);
        expect(name).not.toMatch(/group1-|group-exchange|umac-64|-96|nistp/);
      }
    },
  );
});

describe('LEGACY_ALGORITHMS', () => {
  it.each(KINDS)('prefers all that is modern, and adds to it: %s', (kind) => {
    const modern = MODERN_ALGORITHMS[kind];
    const legacy = LEGACY_ALGORITHMS[kind];
    expect(legacy.slice(0, modern.length)).toEqual(modern);
    expect(legacy.length).toBeGreaterThan(modern.length);
    expect(new Set(legacy).size).toBe(legacy.length);
  });

  it.each(KINDS.map((kind) => [kind, LEGACY_ALGORITHMS[kind]] as const))(
    'holds nothing that falls to anybody: %s',
    (_, names) => {
      for (const name of names) {
        expect(name).not.toMatch(
          /group1-|md5|arcfour|3des|blowfish|cast128|ripemd|ssh-dss|zlib|-96/,
        );
      }
    },
  );
});

describe.each([
  ['modern', MODERN_ALGORITHMS],
  ['legacy', LEGACY_ALGORITHMS],
])('the policy %s', (_policy, lists) => {
  it.each(KINDS)('is what this process can do: %s', (kind) => {
    const supported = supportedAlgorithms();
    expect(supported).toBeDefined();
    expect(lists[kind].filter((name) => !supported?.[kind].includes(name))).toEqual([]);
  });
});

describe('algorithmsOf', () => {
  it('takes what a list of its own leaves out from modern', () => {
    const cipher = ['aes256-ctr'];
    expect(algorithmsOf({ cipher })).toEqual({ ...MODERN_ALGORITHMS, cipher });
  });
});

describe('allowsSha1Signatures', () => {
  it('is true where the server may sign so itself', () => {
    expect(allowsSha1Signatures('modern')).toBe(false);
    expect(allowsSha1Signatures('legacy')).toBe(true);
    expect(allowsSha1Signatures({ kex: ['curve25519-sha256'] })).toBe(false);
    expect(allowsSha1Signatures({ serverHostKey: ['ssh-ed25519', 'ssh-rsa'] })).toBe(true);
  });
});
