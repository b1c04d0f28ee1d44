import { parseDuration } from './durations.js';
import { quote } from './problems.js';
import type { VariableName } from './variable-names.js';

/** Environment variables as Node gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The bounds of a number, both included. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * Reads variables one by one and gathers what is wrong with them, so that all problems can be told at once.
 * A variable with a problem reads as its default. An empty variable is the same as none.
 */
export class Variables {
  readonly problems: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** The value as it was written; `undefined` when there is none. */
  text(name: VariableName): string | undefined {
    const value = this.#env[name];
    return value === '' ? undefined : value;
  }

  /** A whole number within `bounds`. */
  integer(name: VariableName, fallback: number, { least, most }: Bounds): number {
    return this.#parsed(name, fallback, `a whole number from ${least} to ${most}`, (text) => {
      const value = /^\d+$/.test(text) ? Number(text) : NaN;
      return value >= least && value <= most ? value : undefined;
    });
  }

  /**
   * A duration in milliseconds.
   *
   * @param least the shortest that makes sense, in milliseconds
   */
  duration(name: VariableName, fallback: number, least: number): number {
    const wanted = `a duration ${least > 0 ? 'above zero ' : ''}such as 500ms, 30s, 15m or 2h (at most 24d)`;
    return this.#parsed(name, fallback, wanted, (text) => {
      const value = parseDuration(text);
      return value !== undefined && value >= least ? value : undefined;
    });
  }

  /** `true` or `false`. */
  boolean(name: VariableName, fallback: boolean): boolean {
    return this.oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';
  }

  /** One of a few words. */
  oneOf<Word extends string>(name: VariableName, words: readonly Word[], fallback: Word): Word {
    const wanted = `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
    return this.#parsed(name, fallback, wanted, (text) => words.find((word) => word === text));
  }

  /**
   * A text of a certain form; `undefined` when there is none.
   *
   * @param wanted what it must be, as the rest of a sentence
   */
  checked(name: VariableName, wanted: string, fits: (text: string) => boolean): string | undefined {
    return this.#parsed<string | undefined>(name, undefined, wanted, (text) =>
      fits(text) ? text : undefined,
    );
  }

  #parsed<T>(
    name: VariableName,
    fallback: T,
    wanted: string,
    parse: (text: string) => T | undefined,
  ): T {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = parse(text);
    if (value !== undefined) return value;
    this.problems.push(`${name} must be ${wanted}, not ${quote(text)}`);
    return fallback;
  }
}
