import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { ContractFixture } from './fixture.js';
import type { Capability, ContentMethod } from '../../filesystem/backend-methods.js';

/**
 * When an upload becomes visible under its name: `in place` as it is written, as POSIX has it, or `on close`,
 * whole or not at all, for a backend that stages uploads that create or empty a file.
 */
export type UploadVisibility = 'in place' | 'on close';

/**
 * What an open file is bound to: `the file`, as POSIX has it, so that it is still the same one when its name is
 * deleted, renamed or given to another; or `its name`, for a storage that is asked by path each time.
 */
export type OpenFileBinding = 'the file' | 'its name';

/** The files of a read-only backend, by their paths. */
export type KnownFiles = ReadonlyMap<string, Buffer>;

/** Defines a test; it receives a fixture with a fresh backend. */
export type DefineTest = (
  name: string,
  run: (fx: ContractFixture) => MaybePromise<void>,
  timeoutMs?: number,
) => void;

/** Where the groups of the contract define their tests. */
export interface ContractSuite {
  readonly uploads: UploadVisibility;

  /** What a read-only backend holds; empty for all others, whose backends are empty. */
  readonly files: KnownFiles;

  readonly test: DefineTest;

  /** Defines a test of what an upload shows before its close; left out where uploads show on close. */
  readonly testInPlace: DefineTest;

  /** Defines a test of a file that loses its name while it is open; left out where open files are bound to it. */
  readonly testOfFile: DefineTest;

  /** Defines a test of bytes that are written twice; left out where an upload is streamed and takes them once. */
  readonly testRewrite: DefineTest;

  /** Defines a test of a file of which most was never written; left out where such a file takes all its space. */
  readonly testSparse: DefineTest;

  /** Defines a test of when a directory was modified; left out where directories do not know. */
  readonly testDirectoryTime: DefineTest;

  /**
   * Defines a group of tests, unless the backend leaves out something that all of them need.
   *
   * @param needs capabilities, and ways to a file's content, that the tests use
   */
  readonly group: (
    name: string,
    needs: readonly (Capability | ContentMethod)[],
    define: () => void,
  ) => void;
}

/** Tests of one subject. */
export type ContractGroup = (suite: ContractSuite) => void;
