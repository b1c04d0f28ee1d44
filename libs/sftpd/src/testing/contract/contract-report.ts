/** How a test came out; one that is `not run` was filtered out by the runner, or has not ended. */
export type TestOutcome = 'proved' | 'failed' | 'not run' | 'left out';

/** A test of the contract and how it came out. */
export interface ReportedTest {
  readonly name: string;
  readonly outcome: TestOutcome;
  /** Why it failed or was left out. */
  readonly why?: string;
}

/** The tests of one subject. */
export interface ReportedGroup {
  readonly name: string;
  readonly tests: readonly ReportedTest[];
}

/** What a run of the contract suite has proved of a backend, what it has not, and why. */
export interface ContractReport {
  /** The name that the backend was given. */
  readonly backend: string;
  readonly groups: readonly ReportedGroup[];
}

const OUTCOMES: readonly TestOutcome[] = ['proved', 'failed', 'not run', 'left out'];

/**
 * A report as a text for people: a line for each group, and below it each test that was not proved. A group that
 * was left out as a whole is one line.
 */
export function formatContractReport({ backend, groups }: ContractReport): string {
  const all = groups.flatMap(({ tests }) => tests);
  const lines = [`The backend contract, on ${backend}: ${countsOf(all)}`];
  for (const { name, tests } of groups) {
    const reason = reasonOfAll(tests);
    if (reason !== undefined) {
      lines.push(`  ${name}: ${tests.length} left out (${reason})`);
      continue;
    }
    lines.push(`  ${name}: ${countsOf(tests)}`);
    for (const test of tests) {
      if (test.outcome === 'proved') continue;
      const why = test.why === undefined ? '' : ` (${test.why})`;
      lines.push(`    ${test.outcome}: ${test.name}${why}`);
    }
  }
  return lines.join('\n');
}

function countsOf(tests: readonly ReportedTest[]): string {
  const counts = OUTCOMES.map((outcome) => ({
    outcome,
    count: tests.filter((test) => test.outcome === outcome).length,
  }));
  return counts
    .filter(({ outcome, count }) => count > 0 || outcome === 'proved')
    .map(({ outcome, count }) => `${count} ${outcome}`)
    .join(', ');
}

/** The one reason for which all tests were left out. */
function reasonOfAll(tests: readonly ReportedTest[]): string | undefined {
  const [first] = tests;
  const same = tests.every(({ outcome, why }) => outcome === 'left out' && why === first?.why);
  return same ? first?.why : undefined;
}
