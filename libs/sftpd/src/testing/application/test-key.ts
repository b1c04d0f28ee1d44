import { generateKeyPairSync } from 'node:crypto';

const TYPE = 'ssh-ed25519';
/** What an unencrypted private section is filled up to (OpenSSH, PROTOCOL.key, section 3). */
const BLOCK = 8;

/** A key pair of a user or of a server. */
export interface SftpTestKey {
  /** The private key as a client is given it, in OpenSSH's format. */
  readonly privateKey: string;
  /** The line of an `authorized_keys` file. */
  readonly publicKey: string;
}

/** Makes a fresh key pair (ed25519), in memory alone. */
export function generateTestKey(): SftpTestKey {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const point = Buffer.from(x, 'base64url');
  // RFC 8709, section 4.
  const blob = Buffer.concat([sshString(TYPE), sshString(point)]);
  const secret = Buffer.concat([Buffer.from(d, 'base64url'), point]);
  return {
    privateKey: opensshPrivateKey(blob, [TYPE, point, secret, '']),
    publicKey: `${TYPE} ${blob.toString('base64')}`,
  };
}

/** A private key without a passphrase as OpenSSH writes it (OpenSSH, PROTOCOL.key). */
function opensshPrivateKey(blob: Buffer, fields: readonly (string | Buffer)[]): string {
  // Both numbers are the same: that shows that the section was decrypted rightly.
  const section = Buffer.concat([uint32(0), uint32(0), ...fields.map(sshString)]);
  const missing = (BLOCK - (section.length % BLOCK)) % BLOCK;
  const padding = Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(sshString),
    uint32(1),
    sshString(blob),
    sshString(Buffer.concat([section, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  const name = 'OPENSSH PRIVATE KEY';
  return [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`, ''].join('\n');
}

/** `string` of RFC 4251, section 5. */
function sshString(value: string | Buffer): Buffer {
  const content = Buffer.from(value);
  return Buffer.concat([uint32(content.length), content]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
