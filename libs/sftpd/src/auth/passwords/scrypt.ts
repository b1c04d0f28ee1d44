import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto';

/** N = 2^15 takes about 32 MiB and 60 ms on a present-day core. */
const DEFAULT_LOG_N = 15;
const DEFAULT_BLOCK_SIZE = 8;
const DEFAULT_PARALLELIZATION = 1;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;
/** The memory that all lanes together go through: about two seconds on a present-day core. */
const MAX_WORK_BYTES = 1024 * 1024 * 1024;

const FORMAT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** A hash by scrypt (RFC 7914), taken apart. */
export interface ScryptHash {
  /** Tells the kinds of hashes apart. */
  readonly kind: 'scrypt';
  /** The logarithm, to base 2, of the cost N. */
  readonly logN: number;
  /** The block size r. */
  readonly blockSize: number;
  /** The parallelization p. */
  readonly parallelization: number;
  /** What the password was hashed with. */
  readonly salt: Buffer;
  /** What came of it, to compare with. */
  readonly key: Buffer;
}

/**
 * Hashes a password with scrypt (RFC 7914) and a random salt.
 *
 * @returns `$scrypt$ln=15,r=8,p=1$salt$hash`, salt and hash in base64 without padding
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const parameters = {
    kind: 'scrypt',
    logN: DEFAULT_LOG_N,
    blockSize: DEFAULT_BLOCK_SIZE,
    parallelization: DEFAULT_PARALLELIZATION,
    salt,
  } as const;
  const key = await derive(password, { ...parameters, key: Buffer.alloc(KEY_BYTES) });
  return `$scrypt$${scryptCosts(parameters)}$${unpadded(salt)}$${unpadded(key)}`;
}

/**
 * Takes a hash apart that {@link hashPassword} made.
 *
 * @throws Error when it is not such a hash, or needs more than 256 MiB or some two seconds
 */
export function parseScryptHash(text: string): ScryptHash {
  const [, logN, blockSize, parallelization, salt, key] = FORMAT.exec(text) ?? [];
  if (salt === undefined || key === undefined) {
    throw new Error('passwordHash must look like $scrypt$ln=15,r=8,p=1$salt$hash');
  }
  const hash: ScryptHash = {
    kind: 'scrypt',
    logN: Number(logN),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  };
  const valid =
    hash.logN >= 1 &&
    hash.blockSize >= 1 &&
    hash.parallelization >= 1 &&
    memoryOf(hash) <= MAX_MEMORY_BYTES &&
    128 * hash.blockSize * 2 ** hash.logN * hash.parallelization <= MAX_WORK_BYTES;
  if (!valid) {
    throw new Error(
      'passwordHash has parameters that scrypt cannot work with here: at most 256 MiB (128 * r * 2^ln bytes), ' +
        'and p times that at most 1 GiB',
    );
  }
  return hash;
}

/** The parameters that decide how long a hash takes, as they stand in it. */
export function scryptCosts(
  hash: Pick<ScryptHash, 'logN' | 'blockSize' | 'parallelization'>,
): string {
  return `ln=${hash.logN},r=${hash.blockSize},p=${hash.parallelization}`;
}

/** Whether `password`, in Unicode's form NFKC, is the one that was hashed; compares in constant time. */
export async function verifyScrypt(password: string, hash: ScryptHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.key);
}

function derive(password: string, hash: ScryptHash): Promise<Buffer> {
  const options: ScryptOptions = {
    N: 2 ** hash.logN,
    r: hash.blockSize,
    p: hash.parallelization,
    maxmem: 2 * MAX_MEMORY_BYTES,
  };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), hash.salt, hash.key.length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function memoryOf(hash: Pick<ScryptHash, 'logN' | 'blockSize' | 'parallelization'>): number {
  return 128 * hash.blockSize * (2 ** hash.logN + hash.parallelization);
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
