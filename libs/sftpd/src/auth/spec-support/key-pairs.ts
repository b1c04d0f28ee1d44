import ssh2 from 'ssh2';

interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** A fresh ed25519 key pair; ssh2 itself makes one in two hundred or so that nobody can read. */
export function ed25519KeyPair(options?: {
  readonly passphrase: string;
  readonly cipher: string;
  readonly rounds: number;
}): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', options);
    const key: unknown = ssh2.utils.parseKey(pair.private, options?.passphrase);
    if (!(key instanceof Error)) return pair;
  }
}
