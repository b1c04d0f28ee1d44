import { generateKeyPairSync } from 'node:crypto';

const CURVE = 'nistp256';

/** A key pair of a user or of a server. */
export interface SftpTestKey {
  /** The private key as a client is given it. */
  readonly privateKey: string;
  /** The line of an `authorized_keys` file. */
  readonly publicKey: string;
}

/** Makes a fresh key pair (ECDSA, P-256), in memory alone. */
export function generateTestKey(): SftpTestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const type = `ecdsa-sha2-${CURVE}`;
  // RFC 5656, section 3.1: the point is uncompressed.
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(x, 'base64url'),
    Buffer.from(y, 'base64url'),
  ]);
  const blob = Buffer.concat([type, CURVE, point].map(sshString));
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'sec1' }).toString(),
    publicKey: `${type} ${blob.toString('base64')}`,
  };
}

/** `string` of RFC 4251, section 5. */
function sshString(value: string | Buffer): Buffer {
  const content = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
