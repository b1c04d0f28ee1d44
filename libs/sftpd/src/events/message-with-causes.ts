import { inspect } from 'node:util';

/** Causes of causes: a chain that is longer, or a ring, is told so far. */
const MAX_DEPTH = 5;

/**
 * What an error says, and after it what its causes say that it does not; for the log alone.
 *
 * @param error whatever was thrown
 */
export function messageWithCauses(error: unknown): string {
  let told = '';
  let cause = error;
  for (let depth = 0; depth < MAX_DEPTH && cause !== undefined; depth += 1) {
    const message = cause instanceof Error ? cause.message : inspect(cause);
    if (!told.includes(message)) told += told === '' ? message : `: ${message}`;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return told;
}
