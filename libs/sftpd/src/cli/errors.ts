/** How the process ends. */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2 } as const;

/** One of {@link EXIT_CODES}. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/**
 * What went wrong, for whoever reads the output as JSON: the command line itself (`usage`), a password or a key file
 * (`credentials`), the host keys (`host-keys`), the start of the server (`start`), the user's own wish (`cancelled`), an
 * optional package that is not installed (`packages`), or anything else (`failed`).
 */
export type CliErrorCode =
  'usage' | 'credentials' | 'host-keys' | 'start' | 'cancelled' | 'packages' | 'failed';

/** What ends a command. Its message names the option or the file, and the fix; it never holds a secret. */
export class CliError extends Error {
  override readonly name: string = 'CliError';

  constructor(
    readonly code: CliErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The command line cannot be used as it is. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';

  /** @param message the option's name first */
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}

/** The exit code of whatever was thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof UsageError ? EXIT_CODES.usage : EXIT_CODES.failed;
}

/** What went wrong, in the words of whoever threw it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
