import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { ContractFixture } from './fixture.js';
import type { Capability } from './capabilities.js';

/**
 * When an upload becomes visible under its name: `in place` as it is written, as POSIX has it, or `on close`,
 * whole or not at all, for a backend that stages uploads that create or empty a file.
 */
export type UploadVisibility = 'in place' | 'on close';

/** Defines a test; it receives a fixture with a fresh, empty backend. */
type DefineTest = (
  name: string,
  run: (fx: ContractFixture) => MaybePromise<void>,
  timeoutMs?: number,
) => void;

/** Where the groups of the contract define their tests. */
export interface ContractSuite {
  readonly uploads: UploadVisibility;

  readonly test: DefineTest;

  /** Defines a test of what an upload shows before its close; left out where uploads show on close. */
  readonly testInPlace: DefineTest;

  /**
   * Defines a group of tests, unless the backend leaves out a capability that all of them need.
   *
   * @param needs capabilities that the tests use
   */
  readonly group: (name: string, needs: readonly Capability[], define: () => void) => void;
}

/** Tests of one subject. */
export type ContractGroup = (suite: ContractSuite) => void;
