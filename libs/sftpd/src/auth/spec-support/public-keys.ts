import ssh2 from 'ssh2';

import { ed25519KeyPair } from './key-pairs.js';

const { generateKeyPairSync } = ssh2.utils;

/** A public key of each type that can be used, as its line in an `authorized_keys` file. */
export const PUBLIC_KEYS = {
  'ssh-ed25519': ed25519KeyPair().public.trim(),
  'ssh-rsa': generateKeyPairSync('rsa', { bits: 2048 }).public.trim(),
  'ecdsa-sha2-nistp256': generateKeyPairSync('ecdsa', { bits: 256 }).public.trim(),
  'ecdsa-sha2-nistp384': generateKeyPairSync('ecdsa', { bits: 384 }).public.trim(),
  'ecdsa-sha2-nistp521': generateKeyPairSync('ecdsa', { bits: 521 }).public.trim(),
} as const;

/** The encoded key of a line without options. */
export function keyData(line: string): Buffer {
  return Buffer.from(line.split(' ')[1] ?? '', 'base64');
}

/** Fields in SSH's own encoding (RFC 4251, section 5, `string`). */
export function encodeFields(...fields: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const data = Buffer.from(field as string);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(data.length);
      return [length, data];
    }),
  );
}
