import assert from 'node:assert/strict';
import {
  type Capability,
  CONTENT_METHODS,
  type ContentMethod,
} from '../../filesystem/backend-methods.js';
import type { OpenFileOptions } from '../../filesystem/open-files/open-file-options.js';
import { OpenFileStrategies } from '../../filesystem/open-files/open-file-strategies.js';
import type { SftpSession } from '../../filesystem/session.js';
import { beginWrite } from './begin-write.js';
import { contentMethodsOf, missingCapabilities } from './capabilities.js';
import { concurrency } from './concurrency.js';
import { copying } from './copying.js';
import { directories } from './directories.js';
import { fileInfo } from './file-info.js';
import type { ContractReport } from './contract-report.js';
import { ContractFixture } from './fixture.js';
import { hardLinks } from './hard-links.js';
import { linkAttributes } from './link-attributes.js';
import { listing } from './listing.js';
import { names } from './names.js';
import { openFlags } from './open-flags.js';
import { openHandles } from './open-handles.js';
import { ownerNames } from './owner-names.js';
import { readFile } from './read-file.js';
import { readFileRange } from './read-file-range.js';
import { readingAndWriting } from './reading-and-writing.js';
import { readOnlyChanges } from './read-only-changes.js';
import { readOnlyContent } from './read-only-content.js';
import { readOnlyTree } from './read-only-tree.js';
import { removing } from './removing.js';
import { renameReplacing } from './rename-replacing.js';
import { renaming } from './renaming.js';
import { ReportRecorder } from './report-recorder.js';
import type { ContractRunner, CreatedBackend } from './runner.js';
import { setAttributes } from './set-attributes.js';
import { sizeChanges } from './size-changes.js';
import { statVfs } from './stat-vfs.js';
import { knownFiles, type ReadOnlyFiles } from './read-only-files.js';
import type { ContractGroup, OpenFileBinding, UploadVisibility } from './suite.js';
import { SuiteBuilder } from './suite-builder.js';
import { symbolicLinks } from './symbolic-links.js';
import { symbolicLinksFollowed } from './symbolic-links-followed.js';
import { times } from './times.js';
import { uploadsOnClose } from './uploads-on-close.js';
import { writeFile } from './write-file.js';

/** What the contract suite is run on. */
export interface BackendContractOptions {
  /** Names the backend in the titles of the tests. */
  readonly name: string;
  /** Makes a fresh backend: empty, or with the files of {@link readOnly}; called before each test. */
  readonly create: () => Promise<CreatedBackend> | CreatedBackend;
  /** The session that the calls are given. @default a user named `contract` */
  readonly session?: SftpSession;
  /**
   * The methods by which the backend's files are read and written. The suite reaches them as the server does, by
   * the richest that is there, and calls each of them directly too; one test proves that the list is exact.
   * @default ['openFile']
   */
  readonly content?: readonly ContentMethod[];
  /**
   * Optional methods and declarations that the backend leaves out. The groups that need them are left out, and
   * one test proves that the list is exact, so nothing is left unproved by accident.
   * @default none
   */
  readonly without?: readonly Capability[];
  /**
   * When an upload that creates or empties a file becomes visible under its name. With `on close` the tests of
   * what is seen before are replaced by those of appearing whole or not at all.
   * @default 'in place' with `openFile`, 'on close' without
   */
  readonly uploads?: UploadVisibility;
  /**
   * What an open file is bound to. With `its name` nothing is asked of a file whose name is deleted, renamed or
   * given to another while it is open.
   * @default 'the file' with `openFile`, 'its name' without
   */
  readonly openFiles?: OpenFileBinding;
  /**
   * Whether bytes of an upload that have been written can be written again. A backend whose `openFile` hands uploads
   * on as they come has `false`; the tests of overlapping writes are left out then.
   * @default true, but for uploads through `beginWrite` without `strategies: { rewrites: 'spool' }`
   */
  readonly rewrites?: boolean;
  /**
   * Whether a file of which most was never written takes no such space, also when it is longer than any that the
   * storage could hold.
   * @default true
   */
  readonly sparseFiles?: boolean;
  /**
   * Whether the modification time of a directory is that of the last change of its entries. A storage without real
   * directories has `false`; the tests of it are left out then.
   * @default true
   */
  readonly directoryTimes?: boolean;
  /**
   * For a backend that nobody can change: what each fresh one holds. It is proved that its tree has exactly these
   * files, that they are read as they should be, and that every change is refused with `EROFS`.
   */
  readonly readOnly?: ReadOnlyFiles;
  /** Bounds of what is kept for open files of a backend without `openFile`, as in the server's options. */
  readonly strategies?: OpenFileOptions;
  /**
   * Receives, in one last test, what was proved and what was left out, and why;
   * `(report) => console.log(formatContractReport(report))` prints it.
   * @default none
   */
  readonly report?: (report: ContractReport) => void;
}

const GROUPS: readonly ContractGroup[] = [
  listing,
  fileInfo,
  openFlags,
  readingAndWriting,
  openHandles,
  uploadsOnClose,
  readFileRange,
  beginWrite,
  readFile,
  writeFile,
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

const READ_ONLY_GROUPS: readonly ContractGroup[] = [readOnlyTree, readOnlyContent, readOnlyChanges];

const DEFAULT_SESSION: SftpSession = {
  id: 'contract',
  username: 'contract',
  peer: { address: '192.0.2.1', port: 50022, ident: 'contract' },
  attributes: {},
};

/**
 * Defines the tests that every backend must pass: that it does what `SftpBackend` promises and what
 * POSIX says of each operation.
 *
 * The assertions are those of `node:assert`, so any test runner will do.
 *
 * @param options the backend
 * @param runner the functions of the test runner
 * @throws TypeError for files of a read-only backend that cannot be
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
  const { content = ['openFile'], without = [], session = DEFAULT_SESSION } = options;
  const files = knownFiles(options.readOnly);
  const strategies = new OpenFileStrategies(options.strategies);
  const recorder = new ReportRecorder(options.name);
  runner.describe(`the backend contract, on ${options.name}`, () => {
    let created: CreatedBackend | undefined;
    let fixture: ContractFixture | undefined;
    runner.beforeEach(async () => {
      created = await options.create();
      fixture = new ContractFixture(created.backend, session, strategies);
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
    const random = content.includes('openFile');
    const suite = new SuiteBuilder(
      {
        missing: [...without, ...CONTENT_METHODS.filter((method) => !content.includes(method))],
        uploads: options.uploads ?? (random ? 'in place' : 'on close'),
        openFiles: options.openFiles ?? (random ? 'the file' : 'its name'),
        rewrites: options.rewrites ?? (random || rewritesByStrategy(content, strategies.options)),
        sparseFiles: options.sparseFiles ?? true,
        directoryTimes: options.directoryTimes ?? true,
        files,
      },
      runner,
      recorder,
      () => {
        assert.ok(fixture, 'the backend was created');
        return fixture;
      },
    );
    suite.test('has every capability but those named in `without`', (fx) => {
      assert.deepEqual(missingCapabilities(fx.own).sort(), [...without].sort());
    });
    suite.test('has exactly the ways to content named in `content`', (fx) => {
      assert.deepEqual(contentMethodsOf(fx.own).sort(), [...content].sort());
    });
    if (options.readOnly === undefined) {
      for (const define of GROUPS) define(suite);
    } else {
      for (const define of READ_ONLY_GROUPS) define(suite);
      suite.leaveOut(GROUPS, 'read-only');
    }
    const { report } = options;
    if (report !== undefined) {
      runner.it('reports what was proved', async () => {
        await Promise.resolve();
        report(recorder.report());
      });
    }
  });
}

function rewritesByStrategy(
  content: readonly ContentMethod[],
  { rewrites }: OpenFileOptions,
): boolean {
  return !content.includes('beginWrite') || rewrites === 'spool';
}
