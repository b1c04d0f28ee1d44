/** How a test came out; one that is `not run` was filtered out by the runner, or has not ended. */
export type TestOutcome = 'proved' | 'failed' | 'not run' | 'left out';

/** A test of the contract and how it came out. */
export interface ReportedTest {
  /** Its title. */
  readonly name: string;
  /** How it came out. */
  readonly outcome: TestOutcome;
  /** Why it failed or was left out. */
  readonly why?: string;
}

/** The tests of one subject. */
export interface ReportedGroup {
  /** The subject. */
  readonly name: string;
  /** In the order in which they were defined. */
  readonly tests: readonly ReportedTest[];
}

/** What a run of the contract suite has proved of a backend, what it has not, and why. */
export interface ContractReport {
  /** The name that the backend was given. */
  readonly backend: string;
  /** All groups of the contract, also those that were left out. */
  readonly groups: readonly ReportedGroup[];
}

const OUTCOMES: readonly TestOutcome[] = ['proved', 'failed', 'not run', 'left out'];

/**
 * A report as a text for people: a line for each group, and below it each test that was not proved. Groups that were
 * left out as a whole come last, a line for each reason.
 */
export function formatContractReport({ backend, groups }: ContractReport): string {
  const all = groups.flatMap(({ tests }) => tests);
  const lines = [`The backend contract, on ${backend}: ${countsOf(all)}`];
  const leftOut = new Map<string, ReportedGroup[]>();
  for (const group of groups) {
    const reason = reasonOfAll(group);
    if (reason === undefined) lines.push(...linesOf(group));
    else leftOut.set(reason, [...(leftOut.get(reason) ?? []), group]);
  }
  for (const [reason, together] of leftOut) {
    const count = together.reduce((sum, { tests }) => sum + tests.length, 0);
    const names = together.map(({ name }) => name).join('; ');
    lines.push(`  ${reason}: ${count} left out, of ${names}`);
  }
  return lines.join('\n');
}

function linesOf({ name, tests }: ReportedGroup): string[] {
  const lines = [`  ${name}: ${countsOf(tests)}`];
  for (const test of tests) {
    if (test.outcome === 'proved') continue;
    const why = test.why === undefined ? '' : ` (${test.why})`;
    lines.push(`    ${test.outcome}: ${test.name}${why}`);
  }
  return lines;
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
function reasonOfAll({ tests }: ReportedGroup): string | undefined {
  const [first] = tests;
  const same = tests.every(({ outcome, why }) => outcome === 'left out' && why === first?.why);
  return same ? first?.why : undefined;
}
