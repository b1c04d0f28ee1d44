import type { ServerConfig } from 'ssh2';

/** Names of algorithms in the order in which the server prefers them; what is left out is as in `modern`. */
export interface AlgorithmLists {
  readonly kex?: readonly string[];
  readonly serverHostKey?: readonly string[];
  readonly cipher?: readonly string[];
  readonly hmac?: readonly string[];
}

/** What may be negotiated. */
export type AlgorithmPolicy = 'modern' | 'legacy' | AlgorithmLists;

/**
 * What is negotiated by default: no SHA-1, no CBC, no compression, nothing below 128 bits of strength.
 * ssh2 adds strict key exchange (`kex-strict-s-v00@openssh.com`) by itself.
 */
export const MODERN_ALGORITHMS = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  cipher: [
    'chacha20-poly1305@openssh.com',
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
  ],
  compress: ['none'],
} satisfies NonNullable<ServerConfig['algorithms']>;
