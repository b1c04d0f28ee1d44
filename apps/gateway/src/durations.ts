const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The longest time that a timer of Node can wait, in milliseconds: almost 25 days. */
export const LONGEST_DURATION = 2 ** 31 - 1;

/**
 * Reads a duration such as `500ms`, `30s`, `15m`, `2h` or `1d`: a whole number and its unit.
 *
 * @param text what was written; a number without a unit is not a duration, for nobody can tell what it means
 * @returns milliseconds; `undefined` when it is not a duration or longer than {@link LONGEST_DURATION}
 */
export function parseDuration(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) return undefined;
  const milliseconds = Number(digits) * factor;
  return milliseconds <= LONGEST_DURATION ? milliseconds : undefined;
}
