const MAX_MEMORY_KIB = 256 * 1024;
/** Memory times passes: about two seconds on a present-day core. */
const MAX_WORK_KIB = 1024 * 1024;
/** Each lane is a thread for as long as the hash takes. */
const MAX_LANES = 16;
const MIN_KIB_PER_LANE = 8;
/** Of argon2's two versions, the one that is meant where a hash names none. */
const OLD_VERSION = 16;

const FORMAT =
  /^\$(argon2(?:id|i|d))\$(?:v=(16|19)\$)?([mtp]=\d{1,10}(?:,[mtp]=\d{1,10}){2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;

/** A hash by argon2 (RFC 9106). */
export interface Argon2Hash {
  /** Tells the kinds of hashes apart. */
  readonly kind: 'argon2';
  /** `argon2id`, `argon2i` or `argon2d`. */
  readonly variant: string;
  /** 16 or 19 (0x13). */
  readonly version: number;
  /** Memory for one hash, in KiB. */
  readonly memoryKib: number;
  /** Passes over the memory. */
  readonly passes: number;
  /** Lanes that may be computed side by side. */
  readonly lanes: number;
  /** The whole hash. */
  readonly text: string;
}

/** What is used of the package `argon2`. */
export interface Argon2Package {
  verify(hash: string, password: string): Promise<boolean>;
}

/**
 * Reads a hash by argon2: `$argon2id$v=19$m=65536,t=3,p=4$salt$hash`, or the same with `$argon2i$` or `$argon2d$`.
 *
 * @throws Error when it is not such a hash, or needs more than 256 MiB, 16 threads or some two seconds
 */
export function parseArgon2Hash(text: string): Argon2Hash {
  const [, variant, version = OLD_VERSION, list = ''] = FORMAT.exec(text) ?? [];
  // Programs do not agree about their order.
  const parameters = new Map(list.split(',').map((item) => [item[0], Number(item.slice(2))]));
  const [memoryKib, passes, lanes] = ['m', 't', 'p'].map((name) => parameters.get(name));
  if (
    variant === undefined ||
    memoryKib === undefined ||
    passes === undefined ||
    lanes === undefined
  ) {
    throw new Error('passwordHash must look like $argon2id$v=19$m=65536,t=3,p=4$salt$hash');
  }
  const hash: Argon2Hash = {
    kind: 'argon2',
    variant,
    version: Number(version),
    memoryKib,
    passes,
    lanes,
    text,
  };
  const valid =
    hash.passes >= 1 &&
    hash.lanes >= 1 &&
    hash.lanes <= MAX_LANES &&
    hash.memoryKib >= MIN_KIB_PER_LANE * hash.lanes &&
    hash.memoryKib <= MAX_MEMORY_KIB &&
    hash.memoryKib * hash.passes <= MAX_WORK_KIB;
  if (!valid) {
    throw new Error(
      'passwordHash has parameters that argon2 cannot work with here: ' +
        `m at most ${MAX_MEMORY_KIB} (256 MiB) and at least 8 * p, m * t at most ${MAX_WORK_KIB}, p at most ${MAX_LANES}`,
    );
  }
  return hash;
}

/** The parameters that decide how long a hash takes. */
export function argon2Costs(hash: Argon2Hash): string {
  const { variant, version, memoryKib, passes, lanes } = hash;
  return `${variant} v=${version},m=${memoryKib},t=${passes},p=${lanes}`;
}

/** Whether `password`, as UTF-8, is the one that was hashed; the package compares in constant time. */
export function verifyArgon2(
  password: string,
  hash: Argon2Hash,
  argon2: Argon2Package,
): Promise<boolean> {
  return argon2.verify(hash.text, password);
}
