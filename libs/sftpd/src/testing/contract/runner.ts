import type { SftpBackend } from '../../filesystem/backend.js';

/**
 * The functions of a test runner that the contract suite calls. Those of Jest, Vitest, Mocha and
 * `node:test` fit as they are.
 */
export interface ContractRunner {
  /** Defines a group of tests. */
  readonly describe: (name: string, define: () => void) => unknown;
  /** `timeoutMs` is given for the few tests that may need more than a runner's usual limit. */
  readonly it: (name: string, run: () => Promise<void>, timeoutMs?: number) => unknown;
  /** Runs before each test of its group. */
  readonly beforeEach: (run: () => Promise<void>) => unknown;
  /** Runs after each test of its group. */
  readonly afterEach: (run: () => Promise<void>) => unknown;
}

/** A backend made for one test. */
export interface CreatedBackend {
  /** Empty: its root directory has no entries. */
  readonly backend: SftpBackend;
  /** Lets go of whatever the backend holds; called after the test, also when it failed. */
  dispose?(): Promise<void> | void;
}
