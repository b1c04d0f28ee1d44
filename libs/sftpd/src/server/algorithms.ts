/** Names of algorithms in the order in which the server prefers them; what is left out is as in `modern`. */
export interface AlgorithmLists {
  /** Key exchanges. */
  readonly kex?: readonly string[];
  /** Signatures by the host keys. */
  readonly serverHostKey?: readonly string[];
  /** Ciphers. */
  readonly cipher?: readonly string[];
  /** Message authentication codes. */
  readonly hmac?: readonly string[];
}

/** What may be negotiated. */
export type AlgorithmPolicy = 'modern' | 'legacy' | AlgorithmLists;

/** Every list of a policy, as ssh2 takes them. */
export interface Algorithms extends Required<AlgorithmLists> {
  readonly compress: readonly string[];
}

/**
 * What is negotiated by default: no SHA-1, no CBC, no curves of NIST, no compression; all that `ssh-audit` finds
 * no failure in. ssh2 adds strict key exchange (`kex-strict-s-v00@openssh.com`) by itself.
 */
export const MODERN_ALGORITHMS: Algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: [
    'chacha20-poly1305@openssh.com',
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  // Those without -etm are for clients that know nothing better beside aes-ctr: libssh2 before 1.11, JSch 0.1.
  hmac: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
  ],
  compress: ['none'],
};

const NIST_HOST_KEYS = ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'];

/**
 * `modern`, and after it what partners need that cannot be brought up to date; `docs/reference/ssh.md` says who
 * needs what. Nothing in it is broken in practice: no 1024-bit group, no 3DES, no RC4, no MD5, no DSA.
 */
export const LEGACY_ALGORITHMS: Algorithms = {
  kex: [
    ...MODERN_ALGORITHMS.kex,
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group14-sha1',
  ],
  serverHostKey: [...MODERN_ALGORITHMS.serverHostKey, ...NIST_HOST_KEYS, 'ssh-rsa'],
  cipher: [...MODERN_ALGORITHMS.cipher, 'aes256-cbc', 'aes192-cbc', 'aes128-cbc'],
  hmac: [...MODERN_ALGORITHMS.hmac, 'hmac-sha1'],
  compress: MODERN_ALGORITHMS.compress,
};

/**
 * Algorithms for host keys of a server that has no others. To `modern` the curves of NIST are better than no server:
 * partners may have pinned the only key there is.
 */
export function lastResortHostKeys(policy: AlgorithmPolicy): readonly string[] {
  return policy === 'modern' ? NIST_HOST_KEYS : [];
}

/** The lists of a policy. */
export function algorithmsOf(policy: AlgorithmPolicy): Algorithms {
  if (policy === 'modern') return MODERN_ALGORITHMS;
  if (policy === 'legacy') return LEGACY_ALGORITHMS;
  return { ...MODERN_ALGORITHMS, ...policy };
}

/**
 * Whether signatures of RSA keys over SHA-1 (`ssh-rsa`) count, of the server's keys and so of its users': where a
 * client can make or check no others, it is for both.
 */
export function allowsSha1Signatures(policy: AlgorithmPolicy): boolean {
  return algorithmsOf(policy).serverHostKey.includes('ssh-rsa');
}
