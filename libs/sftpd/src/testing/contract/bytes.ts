import assert from 'node:assert/strict';

/** UTF-8 bytes of a text. */
export function bytes(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

/**
 * Bytes that look random and are the same for the same seed, so that a block in the wrong place shows.
 *
 * @param length in bytes
 * @param seed any integer
 */
export function pattern(length: number, seed: number): Buffer {
  const target = Buffer.allocUnsafe(length);
  // xorshift32 has no way out of zero, so zero must not be its state.
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  for (let index = 0; index < length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    target[index] = state & 0xff;
  }
  return target;
}

/**
 * Asserts that bytes are the same, and names the first that differs: a dump of megabytes helps nobody.
 *
 * @throws AssertionError
 */
export function assertBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  if (Buffer.compare(actual, expected) === 0) return;
  const at = expected.findIndex((byte, index) => actual[index] !== byte);
  assert.fail(`${what}: byte ${at} is ${String(actual[at])} and should be ${String(expected[at])}`);
}
