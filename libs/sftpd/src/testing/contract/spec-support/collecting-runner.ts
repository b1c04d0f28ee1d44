import { setTimeout } from 'node:timers/promises';

import type { ContractRunner } from '../runner.js';

/** A test that has run: its groups and its own name, and what it threw. */
export interface RunTest {
  readonly name: string;
  readonly groups: readonly string[];
  readonly error?: unknown;
}

/** What a test may take that is sound, on a machine that is busy. */
const MAX_MS = 10_000;

type Step = () => Promise<void>;

interface CollectedTest {
  readonly name: string;
  readonly groups: readonly string[];
  readonly run: Step;
}

/** The smallest test runner there can be: what was defined is run, one after the other, when it is told to. */
export class CollectingRunner implements ContractRunner {
  readonly #before: Step[] = [];
  readonly #after: Step[] = [];
  readonly #tests: CollectedTest[] = [];
  #groups: readonly string[] = [];

  // Bound: the functions of a test runner are called on their own.
  readonly describe = (name: string, define: () => void): void => {
    const outer = this.#groups;
    this.#groups = [...outer, name];
    define();
    this.#groups = outer;
  };

  readonly it = (name: string, run: Step): void => {
    this.#tests.push({ name, groups: this.#groups, run });
  };

  readonly beforeEach = (run: Step): void => {
    this.#before.push(run);
  };

  readonly afterEach = (run: Step): void => {
    this.#after.push(run);
  };

  /**
   * Runs what was defined.
   *
   * @param groups names of the groups whose tests are run
   * @default groups all
   */
  async run(groups?: ReadonlySet<string>): Promise<RunTest[]> {
    const outcomes: RunTest[] = [];
    for (const test of this.#tests) {
      if (groups !== undefined && !groups.has(test.groups.at(-1) ?? '')) continue;
      outcomes.push(await this.#runOne(test));
    }
    return outcomes;
  }

  async #runOne({ name, groups, run }: CollectedTest): Promise<RunTest> {
    const errors: unknown[] = [];
    for (const step of [...this.#before, run]) {
      if (errors.length === 0) await inTime(step).catch((error: unknown) => errors.push(error));
    }
    for (const step of this.#after) await step().catch((error: unknown) => errors.push(error));
    return { name, groups, ...(errors.length > 0 && { error: errors[0] }) };
  }
}

/** A fault may be that nothing ever settles. */
async function inTime(step: Step): Promise<void> {
  const limit = new AbortController();
  const late = setTimeout(MAX_MS, undefined, { signal: limit.signal }).then(
    () => Promise.reject(new Error(`It took more than ${MAX_MS} ms`)),
    () => undefined,
  );
  await Promise.race([step(), late]).finally(() => {
    limit.abort();
  });
}

/** The tests that failed, as `GROUP > NAME`. */
export function failed(tests: readonly RunTest[]): string[] {
  return tests
    .filter((test) => 'error' in test)
    .map(({ groups, name }) => [...groups.slice(1), name].join(' > '));
}
