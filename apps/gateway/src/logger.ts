import { isatty } from 'node:tty';
import { inspect } from 'node:util';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { GatewayConfig, LogFormat, LogThreshold } from './environment.js';
import { startProblem } from './start-problem.js';

/** Nest's levels from the most important down; `info` is what Nest calls `log`. */
const LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];

/** What Nest calls those who log why it cannot start: `NestApplication`, that a port cannot be bound. */
const OF_THE_START: ReadonlySet<string> = new Set(['ExceptionHandler', 'NestApplication']);

/** The levels that are logged when `threshold` is the least important of them. */
export function logLevels(threshold: LogThreshold): LogLevel[] {
  return LEVELS.slice(0, LEVELS.indexOf(threshold === 'info' ? 'log' : threshold) + 1);
}

/** Nest's console logger as `LOG_FORMAT` and `LOG_LEVEL` ask for it, with colours on a terminal only. */
export class GatewayLogger extends ConsoleLogger {
  readonly #format: LogFormat;

  constructor(config: Pick<GatewayConfig, 'logFormat' | 'logLevel'>) {
    super({
      json: config.logFormat === 'json',
      // Left out, Nest decides: it honours NO_COLOR but would colour a pipe too.
      ...(config.logFormat === 'json' || !isatty(1) ? { colors: false } : {}),
      logLevels: logLevels(config.logLevel),
    });
    this.#format = config.logFormat;
  }

  /**
   * Writes a line that must appear whatever `LOG_LEVEL` is: plainly in text mode, so that scripts find it, as
   * a record's message in JSON mode.
   */
  announce(line: string): void {
    if (this.#format === 'text') process.stdout.write(`${line}\n`);
    else new ConsoleLogger({ json: true, colors: false, logLevels: ['log'] }).log(line, 'Gateway');
  }

  /** Tells in one line why the application could not start; the stack is for `LOG_LEVEL=debug`. */
  startFailed(error: unknown): void {
    const line = `The gateway could not start: ${startProblem(error)}`;
    if (this.#format === 'text') process.stderr.write(`${line}\n`);
    else this.fatal(line, 'Gateway');
    this.debug(inspect(error), 'Gateway');
  }

  /**
   * Nest logs some failures of its start, with their stack, before it rejects: {@link startFailed} tells them
   * all, in one line.
   */
  override error(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context !== 'string' || !OF_THE_START.has(context)) super.error(message, ...rest);
  }
}
