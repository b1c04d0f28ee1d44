import { describe, expect, it } from '@jest/globals';

import { keyData, PUBLIC_KEYS } from '../spec-support/public-keys.js';
import { decodeAuthorizedKey } from './authorized-key.js';
import { AuthorizedKeys } from './authorized-keys.js';

const LINE = PUBLIC_KEYS['ssh-ed25519'];
const KEY = { data: keyData(LINE) };
const STRANGER = { data: keyData(PUBLIC_KEYS['ecdsa-sha2-nistp256']) };
const HERE = { address: '127.0.0.1' };

function keysOf(...lines: readonly string[]): AuthorizedKeys {
  return new AuthorizedKeys(lines.flatMap((line) => decodeAuthorizedKey(line) ?? []));
}

describe('AuthorizedKeys', () => {
  it('allows its keys and no other one', () => {
    const keys = keysOf('# one', LINE, `restrict,no-pty ${PUBLIC_KEYS['ssh-rsa']}`);
    expect(keys.size).toBe(2);
    expect(keys.allows(KEY, HERE)).toEqual({ allowed: true });
    expect(keys.allows({ data: keyData(PUBLIC_KEYS['ssh-rsa']) }, HERE)).toEqual({ allowed: true });
    expect(keys.allows(STRANGER, HERE)).toEqual({ allowed: false });
    expect(keys.allows({ data: Buffer.alloc(0) }, HERE)).toEqual({ allowed: false });
    expect(keysOf().allows(KEY, HERE)).toEqual({ allowed: false });
  });

  it('allows a key from where its option from says', () => {
    const keys = keysOf(`from="127.0.0.0/8,!127.0.0.2" ${LINE}`);
    expect(keys.allows(KEY, HERE)).toEqual({ allowed: true });
    expect(keys.allows(KEY, { address: '127.0.0.2' })).toEqual({
      allowed: false,
      reason: 'the key must not be used from 127.0.0.2 (option from)',
    });
    expect(keys.allows(STRANGER, { address: '127.0.0.2' })).toEqual({ allowed: false });
  });

  it('allows a key until it expires', () => {
    const keys = keysOf(`expiry-time="20300102Z" ${LINE}`);
    const end = Date.UTC(2030, 0, 2);
    expect(keys.allows(KEY, HERE, end)).toEqual({ allowed: true });
    expect(keys.allows(KEY, HERE, end + 1)).toEqual({
      allowed: false,
      reason: 'the key expired at 2030-01-02T00:00:00.000Z (option expiry-time)',
    });
    expect(keys.allows(KEY, HERE, NaN)).toMatchObject({ allowed: false });
  });

  it('takes the present time unless told otherwise', () => {
    expect(keysOf(`expiry-time="20200101" ${LINE}`).allows(KEY, HERE)).toMatchObject({
      allowed: false,
    });
    expect(keysOf(`expiry-time="99990101" ${LINE}`).allows(KEY, HERE)).toEqual({ allowed: true });
  });

  it('allows a key that is there twice when one of its lines does', () => {
    const from = `from="10.0.0.0/8" ${LINE}`;
    const until = `expiry-time="20300102Z" ${LINE}`;
    const now = Date.UTC(2030, 0, 1);
    expect(keysOf(from, until).allows(KEY, HERE, now)).toEqual({ allowed: true });
    expect(keysOf(until, from).allows(KEY, HERE, now)).toEqual({ allowed: true });
    expect(keysOf(from, until).allows(KEY, HERE, Date.UTC(2031, 0, 1))).toEqual({
      allowed: false,
      reason: 'the key must not be used from 127.0.0.1 (option from)',
    });
  });

  it('asks for all options of a line', () => {
    const keys = keysOf(`from="127.0.0.1",expiry-time="20200101" ${LINE}`);
    expect(keys.allows(KEY, HERE)).toMatchObject({ allowed: false });
    expect(keys.allows(KEY, { address: '10.0.0.1' }, 0)).toMatchObject({ allowed: false });
    expect(keys.allows(KEY, HERE, 0)).toEqual({ allowed: true });
  });
});
