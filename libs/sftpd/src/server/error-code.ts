/** The code of an error of the operating system, e.g. `EADDRINUSE`; `undefined` for anything else. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : undefined;
}
