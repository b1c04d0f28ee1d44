import type { LoggerService } from '@nestjs/common';

import type { Log } from '../events/log.js';
import type { Output } from './output.js';

/** A log for what runs without Nest: warnings are told, the rest with `--verbose`. */
export function logOf(output: Output): Log {
  return {
    debug: (message) => {
      output.log('debug', message);
    },
    log: (message) => {
      output.log('log', message);
    },
    warn: (message) => {
      output.warn(message);
    },
    error: (message, stack) => {
      output.log('error', message, stack);
    },
  };
}

/** Nest's logger with `--verbose`: on standard error, so that standard output stays what it is without. */
export class VerboseLogger implements LoggerService {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('log', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('verbose', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  /** Nest gives the context last, and a stack before it. */
  #write(level: string, message: unknown, rest: readonly unknown[]): void {
    const texts = rest.filter((part) => typeof part === 'string');
    const context = texts.at(-1);
    const stack = texts.length > 1 ? texts[0] : undefined;
    this.#output.log(
      level,
      `${context === undefined ? '' : `[${context}] `}${String(message)}`,
      stack,
    );
  }
}
