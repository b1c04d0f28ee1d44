/**
 * Waits for `promise` no longer than `limit`.
 *
 * @param limit milliseconds
 * @param what what is waited for, as the start of a sentence
 * @throws Error when the time is over; what `promise` does later is nobody's concern
 */
export async function within<T>(promise: Promise<T>, limit: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limit} ms`)), limit);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
