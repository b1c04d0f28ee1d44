import assert from 'node:assert/strict';
import type { SftpSession } from '../../filesystem/session.js';
import { concurrency } from './concurrency.js';
import { copying } from './copying.js';
import { directories } from './directories.js';
import { fileInfo } from './file-info.js';
import { ContractFixture } from './fixture.js';
import { hardLinks } from './hard-links.js';
import { linkAttributes } from './link-attributes.js';
import { listing } from './listing.js';
import { names } from './names.js';
import { openFlags } from './open-flags.js';
import { openHandles } from './open-handles.js';
import { type Capability, missingCapabilities } from './capabilities.js';
import { ownerNames } from './owner-names.js';
import { readingAndWriting } from './reading-and-writing.js';
import { removing } from './removing.js';
import { renameReplacing } from './rename-replacing.js';
import { renaming } from './renaming.js';
import type { ContractRunner, CreatedBackend } from './runner.js';
import { setAttributes } from './set-attributes.js';
import { sizeChanges } from './size-changes.js';
import { statVfs } from './stat-vfs.js';
import type { ContractGroup, ContractSuite, UploadVisibility } from './suite.js';
import { symbolicLinks } from './symbolic-links.js';
import { symbolicLinksFollowed } from './symbolic-links-followed.js';
import { times } from './times.js';
import { uploadsOnClose } from './uploads-on-close.js';

/** What the contract suite is run on. */
export interface BackendContractOptions {
  /** Names the backend in the titles of the tests. */
  readonly name: string;
  /** Makes a fresh, empty backend; called before each test. */
  readonly create: () => Promise<CreatedBackend> | CreatedBackend;
  /** The session that the calls are given. @default a user named `contract` */
  readonly session?: SftpSession;
  /**
   * Optional methods and declarations that the backend leaves out. The groups that need them are not defined,
   * and one test proves that the list is exact, so nothing is left unproved by accident.
   * @default none
   */
  readonly without?: readonly Capability[];
  /**
   * When an upload that creates or empties a file becomes visible under its name. With `on close` the tests of
   * what is seen before are replaced by those of appearing whole or not at all.
   * @default 'in place'
   */
  readonly uploads?: UploadVisibility;
}

const GROUPS: readonly ContractGroup[] = [
  listing,
  fileInfo,
  openFlags,
  readingAndWriting,
  openHandles,
  uploadsOnClose,
  directories,
  removing,
  renaming,
  renameReplacing,
  names,
  concurrency,
  setAttributes,
  sizeChanges,
  times,
  symbolicLinks,
  symbolicLinksFollowed,
  linkAttributes,
  hardLinks,
  copying,
  statVfs,
  ownerNames,
];

const DEFAULT_SESSION: SftpSession = {
  id: 'contract',
  username: 'contract',
  peer: { address: '192.0.2.1', port: 50022, ident: 'contract' },
  attributes: {},
};

/**
 * Defines the tests that every backend must pass: that it does what {@link SftpBackend} promises and what
 * POSIX says of each operation.
 *
 * The assertions are those of `node:assert`, so any test runner will do.
 *
 * @param options the backend
 * @param runner the functions of the test runner
 * @example
 * describeBackendContract(
 *   { name: 'MyBackend', create: () => ({ backend: new MyBackend() }) },
 *   { describe, it, beforeEach, afterEach },
 * );
 */
export function describeBackendContract(
  options: BackendContractOptions,
  runner: ContractRunner,
): void {
  const without = options.without ?? [];
  runner.describe(`the backend contract, on ${options.name}`, () => {
    let created: CreatedBackend | undefined;
    let fixture: ContractFixture | undefined;
    runner.beforeEach(async () => {
      created = await options.create();
      fixture = new ContractFixture(created.backend, options.session ?? DEFAULT_SESSION);
    });
    runner.afterEach(async () => {
      const ended = created;
      created = undefined;
      try {
        await fixture?.end();
      } finally {
        fixture = undefined;
        await ended?.dispose?.();
      }
    });
    const test: ContractSuite['test'] = (name, run, timeoutMs) => {
      const runTest = async (): Promise<void> => {
        assert.ok(fixture, 'the backend was created');
        await run(fixture);
      };
      runner.it(name, runTest, timeoutMs);
    };
    const uploads = options.uploads ?? 'in place';
    const suite: ContractSuite = {
      uploads,
      test,
      testInPlace(name, run, timeoutMs) {
        if (uploads === 'in place') test(name, run, timeoutMs);
      },
      group(name, needs, define) {
        if (!needs.some((method) => without.includes(method))) runner.describe(name, define);
      },
    };
    test('has every capability but those named in `without`', (fx) => {
      assert.deepEqual(missingCapabilities(fx.backend).sort(), [...without].sort());
    });
    for (const define of GROUPS) define(suite);
  });
}
