import { HOST_KEY_TYPES, type HostKeyType } from '../server/make-host-key.js';
import { UsageError } from './errors.js';

const MAX_PORT = 65_535;

/**
 * A port.
 *
 * @throws UsageError
 */
export function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= MAX_PORT)) {
    throw new UsageError(
      `--port must be a whole number from 0 to ${MAX_PORT}, not ${JSON.stringify(text)}`,
    );
  }
  return port;
}

/**
 * Types of host keys with commas between them.
 *
 * @throws UsageError
 */
export function typeList(text: string): readonly HostKeyType[] {
  const names = text.split(',').map((name) => name.trim());
  const types = HOST_KEY_TYPES.filter((type) => names.includes(type));
  const unknown = names.find((name) => !(types as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `--types takes ${HOST_KEY_TYPES.join(', ')}, with commas between them, not ${JSON.stringify(unknown)}`,
    );
  }
  return types;
}

/** The values of an option that may be given several times. */
export function collected(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
