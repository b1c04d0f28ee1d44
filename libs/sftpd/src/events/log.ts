/**
 * Where the server writes its log. Nest's `Logger` is one.
 *
 * Messages never hold passwords, keys or file contents.
 */
export interface Log {
  debug(message: string): void;
  log(message: string): void;
  warn(message: string): void;
  /** @param stack of the error that is logged, where there is one */
  error(message: string, stack?: string): void;
}
