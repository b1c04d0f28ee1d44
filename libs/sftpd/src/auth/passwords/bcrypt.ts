/** bcrypt looks at no more of a password than this. */
const MAX_PASSWORD_BYTES = 72;
const MIN_COST = 4;
/** About two seconds on a present-day core; each step more takes twice as long. */
const MAX_COST = 15;

const FORMAT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** A hash by bcrypt. */
export interface BcryptHash {
  /** Tells the kinds of hashes apart. */
  readonly kind: 'bcrypt';
  /** The logarithm of the number of rounds. */
  readonly cost: number;
  /** The whole hash, marked `$2b$`. */
  readonly text: string;
}

/** What is used of the package `bcrypt`. */
export interface BcryptPackage {
  compare(password: string, hash: string): Promise<boolean>;
}

/**
 * Reads a hash by bcrypt: `$2b$12$` and 53 characters, or the same with `$2a$` or `$2y$`.
 *
 * @throws Error when it is not such a hash, or its cost is not from 4 to 15
 */
export function parseBcryptHash(text: string): BcryptHash {
  const cost = Number(FORMAT.exec(text)?.[1] ?? NaN);
  if (Number.isNaN(cost)) {
    throw new Error(
      'passwordHash must look like $2b$12$ and 53 characters more ($2a$ and $2y$ are taken too)',
    );
  }
  if (cost < MIN_COST || cost > MAX_COST) {
    throw new Error(
      `passwordHash has the bcrypt cost ${cost}; ${MIN_COST} to ${MAX_COST} are taken`,
    );
  }
  // The three marks tell of mistakes in programs of old, which made other hashes of passwords beyond 255 bytes or
  // of other letters; the package does not know `$2y$`.
  return { kind: 'bcrypt', cost, text: `$2b$${text.slice(4)}` };
}

/**
 * Whether `password`, as UTF-8, is the one that was hashed. One of more than 72 bytes never is, for bcrypt would
 * look at the first 72 alone; nor is one with a NUL in it, which bcrypt takes for the password's end.
 */
export async function verifyBcrypt(
  password: string,
  hash: BcryptHash,
  bcrypt: BcryptPackage,
): Promise<boolean> {
  const whole = Buffer.byteLength(password) <= MAX_PASSWORD_BYTES && !password.includes('\0');
  // Work is done for the others as well: time must not tell whether the user exists.
  return (await bcrypt.compare(whole ? password : '', hash.text)) && whole;
}
