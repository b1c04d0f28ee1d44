import type { Capability, ContentMethod } from '../../filesystem/backend-methods.js';
import type { ContractFixture } from './fixture.js';
import type { ReportRecorder } from './report-recorder.js';
import type { ContractRunner } from './runner.js';
import type {
  ContractGroup,
  ContractSuite,
  DefineTest,
  KnownFiles,
  OpenFileBinding,
  UploadVisibility,
} from './suite.js';

/** What is known of the backend before there is one. */
export interface BackendTraits {
  readonly missing: readonly (Capability | ContentMethod)[];
  readonly uploads: UploadVisibility;
  readonly openFiles: OpenFileBinding;
  /** Whether an upload takes bytes that were written before. */
  readonly rewrites: boolean;
  /** Whether what was never written of a file takes no space. */
  readonly sparseFiles: boolean;
  /** Whether a directory is modified when its entries change. */
  readonly directoryTimes: boolean;
  readonly files: KnownFiles;
}

/** Hands the tests that fit a backend to the runner, and the others, with the reason, to the report. */
export class SuiteBuilder implements ContractSuite {
  readonly uploads: UploadVisibility;
  readonly files: KnownFiles;

  readonly #traits: BackendTraits;
  readonly #runner: ContractRunner;
  readonly #recorder: ReportRecorder;
  readonly #fixture: () => ContractFixture;
  #group: ReturnType<ReportRecorder['group']>;
  /** Why nothing is run at present. */
  #leftOut: string | undefined;

  /** @param fixture that of the test that is running */
  constructor(
    traits: BackendTraits,
    runner: ContractRunner,
    recorder: ReportRecorder,
    fixture: () => ContractFixture,
  ) {
    this.uploads = traits.uploads;
    this.files = traits.files;
    this.#traits = traits;
    this.#runner = runner;
    this.#recorder = recorder;
    this.#fixture = fixture;
    this.#group = recorder.group('declarations');
  }

  /** Defines groups none of which is run. */
  leaveOut(groups: readonly ContractGroup[], why: string): void {
    this.#leftOut = why;
    for (const define of groups) define(this);
    this.#leftOut = undefined;
  }

  // Bound, because the groups take them off the suite.
  readonly test: DefineTest = (name, run, timeoutMs) => {
    this.#define(undefined, name, run, timeoutMs);
  };

  readonly testInPlace: DefineTest = (name, run, timeoutMs) => {
    const why = this.uploads === 'on close' ? 'uploads appear on close' : undefined;
    this.#define(why, name, run, timeoutMs);
  };

  readonly testOfFile: DefineTest = (name, run, timeoutMs) => {
    const { openFiles } = this.#traits;
    const why = openFiles === 'its name' ? 'an open file is bound to its name' : undefined;
    this.#define(why, name, run, timeoutMs);
  };

  readonly testRewrite: DefineTest = (name, run, timeoutMs) => {
    const why = this.#traits.rewrites ? undefined : 'a streamed upload takes bytes once';
    this.#define(why, name, run, timeoutMs);
  };

  readonly testSparse: DefineTest = (name, run, timeoutMs) => {
    const why = this.#traits.sparseFiles ? undefined : 'files are not sparse';
    this.#define(why, name, run, timeoutMs);
  };

  readonly testDirectoryTime: DefineTest = (name, run, timeoutMs) => {
    const why = this.#traits.directoryTimes ? undefined : 'directories keep no time of a change';
    this.#define(why, name, run, timeoutMs);
  };

  readonly group: ContractSuite['group'] = (name, needs, define) => {
    const outer = this.#group;
    const outerReason = this.#leftOut;
    const group = this.#recorder.group(name);
    const missing = needs.filter((need) => this.#traits.missing.includes(need));
    const reason =
      outerReason ?? (missing.length > 0 ? `without ${missing.join(', ')}` : undefined);
    const inside = (): void => {
      this.#group = group;
      this.#leftOut = reason;
      define();
      this.#group = outer;
      this.#leftOut = outerReason;
    };
    if (reason === undefined) this.#runner.describe(name, inside);
    else inside();
  };

  #define(why: string | undefined, ...[name, run, timeoutMs]: Parameters<DefineTest>): void {
    const reason = this.#leftOut ?? why;
    if (reason !== undefined) {
      this.#recorder.leftOut(this.#group, name, reason);
      return;
    }
    const watched = this.#recorder.watched(this.#group, name, async () => {
      await run(this.#fixture());
    });
    this.#runner.it(name, watched, timeoutMs);
  }
}
