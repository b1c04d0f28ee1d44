import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

import { ByteWriter } from '../raw-wire.js';

/** A key of curve25519 (RFC 8731). */
export interface AgreementKey {
  readonly private: KeyObject;
  /** 32 bytes. */
  readonly public: Buffer;
}

/** What stands in front of the 32 bytes of a public key in its DER form (RFC 8410, section 4). */
const SPKI_HEAD = Buffer.from('302a300506032b656e032100', 'hex');

const pair = generateKeyPairSync('x25519', {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
});

/** The key of every key exchange: an attacker has no secrets to keep. */
export const AGREEMENT_KEY: AgreementKey = {
  private: createPrivateKey({ key: pair.privateKey, type: 'pkcs8', format: 'der' }),
  public: pair.publicKey.subarray(SPKI_HEAD.length),
};

/** What the exchange hash covers (RFC 8731, section 3.1). */
export interface AgreementParts {
  readonly clientIdent: string;
  readonly serverIdent: string;
  readonly clientKexinit: Buffer;
  readonly serverKexinit: Buffer;
  readonly hostKey: Buffer;
  readonly own: AgreementKey;
  readonly theirs: Buffer;
}

/** The shared secret as an mpint, and the exchange hash. */
export function agreement(parts: AgreementParts): { secret: Buffer; hash: Buffer } {
  const spki = Buffer.concat([SPKI_HEAD, parts.theirs]);
  const publicKey = createPublicKey({ key: spki, type: 'spki', format: 'der' });
  const secret = mpint(diffieHellman({ privateKey: parts.own.private, publicKey }));
  const hashed = new ByteWriter()
    .string(parts.clientIdent)
    .string(parts.serverIdent)
    .string(parts.clientKexinit)
    .string(parts.serverKexinit)
    .string(parts.hostKey)
    .string(parts.own.public)
    .string(parts.theirs)
    .bytes(secret);
  return { secret, hash: sha256(hashed.done()) };
}

/** The keys of `aes128-gcm@openssh.com` in both directions (RFC 4253, section 7.2). */
export function sessionKeys(
  secret: Buffer,
  hash: Buffer,
  sessionId: Buffer,
): Record<'clientIv' | 'serverIv' | 'clientKey' | 'serverKey', Buffer> {
  const derive = (letter: string): Buffer =>
    sha256(Buffer.concat([secret, hash, Buffer.from(letter), sessionId]));
  return {
    clientIv: derive('A').subarray(0, 12),
    serverIv: derive('B').subarray(0, 12),
    clientKey: derive('C').subarray(0, 16),
    serverKey: derive('D').subarray(0, 16),
  };
}

function mpint(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  const value = bytes.subarray(start);
  const sign = ((value[0] ?? 0) & 0x80) === 0 ? Buffer.alloc(0) : Buffer.of(0);
  return new ByteWriter().string(Buffer.concat([sign, value])).done();
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
