import ssh2, { type ParsedKey, type PublicKeyAuthContext } from 'ssh2';

/** Bytes of an encoded key: an RSA key of 16,384 bits, the longest in use, has 2 KiB. */
const MAX_KEY_BYTES = 8 * 1024;

/** Hashes of signatures that are taken of an RSA key. */
const RSA_HASHES: readonly (string | undefined)[] = ['sha256', 'sha512'];
/** Without a hash it is SHA-1. */
const RSA_HASHES_WITH_SHA1 = [...RSA_HASHES, undefined];

/**
 * The key of a request; `undefined` when it cannot be used here: a certificate, another kind, a damaged one.
 *
 * @param sha1Signatures whether signatures of RSA keys over SHA-1 are taken
 */
export function offeredKey(
  context: PublicKeyAuthContext,
  sha1Signatures: boolean,
): ParsedKey | undefined {
  if (context.key.data.length > MAX_KEY_BYTES) return undefined;
  const key = parsed(context.key.data);
  if (key?.type !== context.key.algo) return undefined;
  // ssh2 reads private keys and text as well: only the key in SSH's own encoding has the fingerprint of the key.
  if (!key.getPublicSSH().equals(context.key.data)) return undefined;
  // In a query the algorithm's name tells the hash; ssh2 gives it apart.
  const rsaHashes = sha1Signatures ? RSA_HASHES_WITH_SHA1 : RSA_HASHES;
  if (key.type === 'ssh-rsa' && !rsaHashes.includes(context.hashAlgo)) return undefined;
  return key;
}

/** Whether a request only asks if a key would do (RFC 4252, section 7): it proves nothing. */
export function isQuery({ signature, blob }: PublicKeyAuthContext): boolean {
  return signature === undefined && blob === undefined;
}

/** Whether the request is signed with the key. `verify()` may return an Error, which is truthy: only `true` is a yes. */
export function isSignedBy(key: ParsedKey, context: PublicKeyAuthContext): boolean {
  const { blob, signature, hashAlgo } = context;
  if (blob === undefined || signature === undefined) return false;
  try {
    return (key.verify(blob, signature, hashAlgo) as unknown) === true;
  } catch {
    return false;
  }
}

function parsed(data: Buffer): ParsedKey | undefined {
  try {
    const result: ParsedKey | Error = ssh2.utils.parseKey(data);
    // ssh2 gives an array for formats that can hold several keys.
    const key: ParsedKey | Error | undefined = Array.isArray(result)
      ? (result as ParsedKey[])[0]
      : result;
    return key instanceof Error ? undefined : key;
  } catch {
    return undefined;
  }
}
