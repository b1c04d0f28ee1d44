import ssh2 from 'ssh2';

interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** A fresh ed25519 key pair; ssh2 itself makes one in a hundred or so that nobody can read. */
export function ed25519KeyPair(comment = ''): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
