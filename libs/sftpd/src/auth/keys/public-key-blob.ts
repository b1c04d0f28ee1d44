/** An RSA key with fewer bits is refused; OpenSSH draws its line (`RequiredRSASize`) at 1024. */
export const MIN_RSA_BITS = 2048;

/** As OpenSSH; a longer one would cost much time in each log-in. */
const MAX_RSA_BITS = 16_384;

const ED25519_BYTES = 32;
/** The mark of a curve's point that is not compressed (SEC 1, section 2.3.3). */
const UNCOMPRESSED_POINT = 4;
const COORDINATE_BYTES: Readonly<Record<string, number>> = {
  nistp256: 32,
  nistp384: 48,
  nistp521: 66,
};

/** The key types that are taken, each with the check of what follows the type's name in an encoded key. */
const KEY_TYPES: ReadonlyMap<string, (fields: readonly Buffer[]) => string | undefined> = new Map([
  ['ssh-ed25519', ed25519Problem],
  ['ssh-rsa', rsaProblem],
  ...Object.keys(COORDINATE_BYTES).map(
    (curve) =>
      [`ecdsa-sha2-${curve}`, (fields: readonly Buffer[]) => ecdsaProblem(curve, fields)] as const,
  ),
]);

const DAMAGED = 'is damaged';

/** Whether keys of this type can be used. */
export function isSupportedKeyType(type: string): boolean {
  return KEY_TYPES.has(type);
}

/**
 * Checks an encoded public key (RFC 4253, section 6.6; RFC 5656, section 3.1; RFC 8709, section 4).
 *
 * @param type a supported type, of which the key must be
 * @returns what is wrong with it, as the end of a sentence; nothing when it is good
 */
export function keyBlobProblem(type: string, data: Buffer): string | undefined {
  const [name, ...fields] = fieldsOf(data);
  const problem = KEY_TYPES.get(type);
  if (name === undefined || problem === undefined) return DAMAGED;
  const actual = name.toString('latin1');
  if (actual !== type) return KEY_TYPES.has(actual) ? `is a key of type ${actual}` : DAMAGED;
  return problem(fields);
}

function ed25519Problem(fields: readonly Buffer[]): string | undefined {
  return fields.length === 1 && fields[0]?.length === ED25519_BYTES ? undefined : DAMAGED;
}

function rsaProblem(fields: readonly Buffer[]): string | undefined {
  const [exponent, modulus] = fields;
  if (fields.length !== 2 || exponent === undefined || modulus === undefined) return DAMAGED;
  // Both are positive, without needless zeros (RFC 4251, section 5), and odd.
  if (![exponent, modulus].every((number) => isPositive(number) && isOdd(number))) return DAMAGED;
  const bits = bitLength(modulus);
  if (bits < MIN_RSA_BITS) return `has ${bits} bits; at least ${MIN_RSA_BITS} are needed`;
  return bits > MAX_RSA_BITS ? `has ${bits} bits; at most ${MAX_RSA_BITS} are taken` : undefined;
}

function ecdsaProblem(curve: string, fields: readonly Buffer[]): string | undefined {
  const [name, point] = fields;
  const bytes = 1 + 2 * (COORDINATE_BYTES[curve] ?? 0);
  const good =
    fields.length === 2 &&
    name?.toString('latin1') === curve &&
    point?.length === bytes &&
    point[0] === UNCOMPRESSED_POINT;
  return good ? undefined : DAMAGED;
}

/** The fields of an encoded key, its type first; none when they do not fill it to the last byte. */
function fieldsOf(data: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  let position = 0;
  while (position + 4 <= data.length) {
    const end = position + 4 + data.readUInt32BE(position);
    fields.push(data.subarray(position + 4, end));
    position = end;
  }
  return position === data.length ? fields : [];
}

function isPositive(number: Buffer): boolean {
  const [first = 0x80, second = 0] = number;
  return first < 0x80 && (first !== 0 || second >= 0x80);
}

function isOdd(number: Buffer): boolean {
  return ((number.at(-1) ?? 0) & 1) === 1;
}

function bitLength(number: Buffer): number {
  const digits = number[0] === 0 ? number.subarray(1) : number;
  return digits.length * 8 - Math.clz32(digits[0] ?? 0) + 24;
}
