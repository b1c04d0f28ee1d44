import type { ContractReport, ReportedTest } from './contract-report.js';

interface RecordedGroup {
  readonly name: string;
  readonly tests: ReportedTest[];
}

/** Notes how each test of a run comes out. */
export class ReportRecorder {
  readonly #backend: string;
  readonly #groups: RecordedGroup[] = [];

  /** @param backend the backend's name */
  constructor(backend: string) {
    this.#backend = backend;
  }

  /** Adds a group; the tests go into the one that is given back. */
  group(name: string): RecordedGroup {
    const group = { name, tests: [] };
    this.#groups.push(group);
    return group;
  }

  leftOut(group: RecordedGroup, name: string, why: string): void {
    group.tests.push({ name, outcome: 'left out', why });
  }

  /** Adds a test; what is given back runs it and notes how it came out. */
  watched(group: RecordedGroup, name: string, run: () => Promise<void>): () => Promise<void> {
    const place = group.tests.push({ name, outcome: 'not run' }) - 1;
    return async () => {
      try {
        await run();
        group.tests[place] = { name, outcome: 'proved' };
      } catch (error) {
        group.tests[place] = { name, outcome: 'failed', why: firstLine(error) };
        throw error;
      }
    };
  }

  /** What is known by now. */
  report(): ContractReport {
    return {
      backend: this.#backend,
      groups: this.#groups.map(({ name, tests }) => ({ name, tests: [...tests] })),
    };
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
