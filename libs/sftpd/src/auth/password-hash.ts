import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto';

/** N = 2^15 takes about 32 MiB and 60 ms on a present-day core. */
const DEFAULT_LOG_N = 15;
const DEFAULT_BLOCK_SIZE = 8;
const DEFAULT_PARALLELIZATION = 1;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

const FORMAT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** A password hash, taken apart. */
export interface PasswordHash {
  readonly logN: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
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
    logN: DEFAULT_LOG_N,
    blockSize: DEFAULT_BLOCK_SIZE,
    parallelization: DEFAULT_PARALLELIZATION,
    salt,
  };
  const key = await derive(password, { ...parameters, key: Buffer.alloc(KEY_BYTES) });
  const { logN, blockSize, parallelization } = parameters;
  const costs = `ln=${logN},r=${blockSize},p=${parallelization}`;
  return `$scrypt$${costs}$${unpadded(salt)}$${unpadded(key)}`;
}

/**
 * Takes a hash apart that {@link hashPassword} made.
 *
 * @throws Error when it is not such a hash, or needs more than 256 MiB
 */
export function parsePasswordHash(text: string): PasswordHash {
  const [, logN, blockSize, parallelization, salt, key] = FORMAT.exec(text) ?? [];
  if (salt === undefined || key === undefined) {
    throw new Error('passwordHash must look like $scrypt$ln=15,r=8,p=1$salt$hash');
  }
  const hash = {
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
    memoryOf(hash) <= MAX_MEMORY_BYTES;
  if (!valid) throw new Error('passwordHash has parameters that scrypt cannot work with here');
  return hash;
}

/** Whether `password` is the one that was hashed; compares in constant time. */
export async function verifyPassword(password: string, hash: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.key);
}

function derive(password: string, hash: PasswordHash): Promise<Buffer> {
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

function memoryOf(hash: Pick<PasswordHash, 'logN' | 'blockSize' | 'parallelization'>): number {
  return 128 * hash.blockSize * (2 ** hash.logN + hash.parallelization);
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
