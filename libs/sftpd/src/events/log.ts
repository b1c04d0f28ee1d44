/**
 * Where the server writes its log. Nest's `Logger` is one.
 *
 * Messages never hold passwords, keys or file contents.
 */
export interface Log {
  /** For whoever looks for a fault: nothing is lost where it is left out. */
  debug(message: string): void;
  /** What happens in the ordinary way. */
  log(message: string): void;
  /** What somebody should look at, though all goes on. */
  warn(message: string): void;
  /**
   * What has failed.
   *
   * @param stack of the error that is logged, where there is one
   */
  error(message: string, stack?: string): void;
}
