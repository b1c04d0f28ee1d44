import { setTimeout } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Asks until the answer is yes.
 *
 * @param what names the condition in the failure
 * @param ms milliseconds until it must hold
 * @throws Error when it does not hold by then
 */
export async function eventually(
  what: string,
  condition: () => Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  const limit = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`After ${ms} ms still not true: ${what}`);
    await setTimeout(POLL_MS);
  }
}
