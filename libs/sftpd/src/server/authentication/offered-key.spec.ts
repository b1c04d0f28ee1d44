import { describe, expect, it } from '@jest/globals';
import ssh2, { type ParsedKey, type PublicKeyAuthContext } from 'ssh2';

import { isQuery, isSignedBy, offeredKey } from './offered-key.js';

const PAIR = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
function parsed(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

const KEY = parsed(PAIR.private);

function context(given: Partial<PublicKeyAuthContext> = {}): PublicKeyAuthContext {
  const key = { algo: 'ecdsa-sha2-nistp256', data: KEY.getPublicSSH() };
  return { key, ...given } as PublicKeyAuthContext;
}

/** A key whose `verify` does this. */
const verifying = (verify: () => unknown): ParsedKey => ({ verify }) as unknown as ParsedKey;

const SIGNED = { blob: Buffer.from('signed'), signature: Buffer.from('signature') };

describe('isSignedBy', () => {
  it('is true when the key says so', () => {
    const signature = KEY.sign(SIGNED.blob);
    expect(isSignedBy(KEY, context({ blob: SIGNED.blob, signature }))).toBe(true);
    expect(isSignedBy(KEY, context({ blob: Buffer.from('other'), signature }))).toBe(false);
  });

  it.each([new Error('damaged'), 'yes', 1, {}, undefined, null, false])(
    'is false when verifying gives %p',
    (answer) => {
      expect(
        isSignedBy(
          verifying(() => answer),
          context(SIGNED),
        ),
      ).toBe(false);
    },
  );

  it('is false when verifying throws', () => {
    const key = verifying(() => {
      throw new Error('unusable');
    });
    expect(isSignedBy(key, context(SIGNED))).toBe(false);
  });

  it.each([{ blob: SIGNED.blob }, { signature: SIGNED.signature }, {}])(
    'is false with %j alone, which is a query only when both are missing',
    (given) => {
      expect(
        isSignedBy(
          verifying(() => true),
          context(given),
        ),
      ).toBe(false);
      expect(isQuery(context(given))).toBe(Object.keys(given).length === 0);
    },
  );
});

describe('offeredKey', () => {
  it('reads a key under its own name', () => {
    expect(offeredKey(context(), false)?.type).toBe('ecdsa-sha2-nistp256');
  });

  it.each([
    ['under another name', { algo: 'ssh-ed25519', data: KEY.getPublicSSH() }],
    ['that is damaged', { algo: 'ecdsa-sha2-nistp256', data: KEY.getPublicSSH().subarray(0, 40) }],
    ['that is empty', { algo: 'ecdsa-sha2-nistp256', data: Buffer.alloc(0) }],
    ['as a line of text', { algo: 'ecdsa-sha2-nistp256', data: Buffer.from(PAIR.public) }],
    [
      'with a byte too many',
      { algo: 'ecdsa-sha2-nistp256', data: Buffer.concat([KEY.getPublicSSH(), Buffer.of(0)]) },
    ],
    ['that is endless', { algo: 'ssh-rsa', data: Buffer.alloc(9000, 1) }],
    ['that is a private one', { algo: 'ecdsa-sha2-nistp256', data: Buffer.from(PAIR.private) }],
  ])('takes none %s', (_title, key) => {
    expect(offeredKey(context({ key }), false)).toBeUndefined();
  });
});
