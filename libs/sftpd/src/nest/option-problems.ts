/** What is wrong with numbers among options: each is whole and within its bounds, or left out. */
export function numberProblems(
  numbers: Readonly<Record<string, { readonly min: number; readonly max: number }>>,
  options: object,
  prefix: string,
): string[] {
  return Object.entries(numbers).flatMap(([name, { min, max }]) => {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) return [];
    const valid = Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
    return valid ? [] : [`${prefix}${name}: must be a whole number from ${min} to ${max}`];
  });
}

/** Whether a value is an object with keys of its own. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong with the keys of an option: those that are none. */
export function unknownKeys(value: object, known: readonly string[], prefix: string): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${prefix}${key}: is no option. Known are ${known.join(', ')}`);
}
