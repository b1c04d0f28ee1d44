import { inspect } from 'node:util';

import { manyLines, oneLine, printableJson } from '../events/printable.js';
import { CliError, messageOf } from './errors.js';

/** Something that takes text: a stream of the process, or a test's stand-in. */
export interface TextSink {
  write(text: string): unknown;
}

/** Where a command writes. */
export interface OutputStreams {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
}

/** How a command writes. */
export interface OutputStyle {
  /** One JSON object in a line instead of text. */
  readonly json: boolean;
  /** Logs and stacks on standard error. */
  readonly verbose: boolean;
}

/** What a command has to say: results on standard output, everything else on standard error, each in one line. */
export class Output {
  readonly #streams: OutputStreams;
  readonly style: OutputStyle;

  constructor(streams: OutputStreams, style: OutputStyle) {
    this.#streams = streams;
    this.style = style;
  }

  /**
   * A result.
   *
   * @param text as people read it
   * @param record as programs do
   */
  line(text: string, record: object): void {
    this.#streams.stdout.write(
      this.style.json ? `${printableJson(record)}\n` : `${oneLine(text)}\n`,
    );
  }

  /** What the user should know and that does not keep the command from going on. */
  warn(message: string): void {
    this.#complain(`warning: ${message}`, { warning: { message } });
  }

  /** A line of a log; with `verbose` alone. */
  log(level: string, message: string, stack?: string): void {
    if (!this.style.verbose) return;
    const rest = stack === undefined || this.style.json ? '' : `\n${manyLines(stack)}`;
    this.#complain(`${level}: ${message}`, { log: { level, message, stack } }, rest);
  }

  /** What has ended the command; the stack with `verbose` alone. */
  fail(error: unknown): void {
    const code = error instanceof CliError ? error.code : 'failed';
    const message = messageOf(error).replaceAll(/\s*\n\s*/g, ' ');
    const { verbose, json } = this.style;
    const stack = verbose ? manyLines(inspect(error)) : undefined;
    const rest = stack === undefined || json ? '' : `\n${stack}`;
    this.#complain(`error: ${message}`, { error: { code, message, stack } }, rest);
  }

  #complain(text: string, record: object, rest = ''): void {
    const { stderr } = this.#streams;
    stderr.write(this.style.json ? `${printableJson(record)}\n` : `${oneLine(text)}${rest}\n`);
  }
}
