import type { MaybePromise } from '../maybe-promise.js';

/**
 * What a call comes to, or `undefined` when it fails or takes too long: for what is good to know and no reason to
 * fail. What settles later is dropped.
 *
 * @param milliseconds how long to wait
 */
export async function valueInTime<T>(
  call: () => MaybePromise<T>,
  milliseconds: number,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined).unref();
  });
  try {
    return await Promise.race([call(), timeUp]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
