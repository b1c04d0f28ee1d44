import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

import type { SftpBackend } from '../filesystem/backend.js';
import { ROOT_PATH, type SftpPath } from '../filesystem/path.js';
import { BackendExplorer } from './backend-explorer.js';
import { BACKEND_IS_MISSING } from './backend-messages.js';
import { isCanonical, roleOf, roleProblems } from './backend-role.js';
import type { ResolveBackend } from './backend-setting.js';
import type { CheckedOptions } from './check-options.js';
import type { DeclaredBackends } from './declared-backends.js';
import { type BackendClaim, type MountPlan, planMounts } from './mount-plan.js';
import { isSingleton } from './provider-lookup.js';
import { SftpOptionsError } from './sftp-options.error.js';
import { DECLARED_BACKENDS, MADE_BACKENDS, SFTP_MODULE_OPTIONS } from './tokens.js';

/**
 * The backends of a server: those of its options and those that the application has decorated. Complete when
 * the application has made all its providers, in `onModuleInit` at the latest.
 *
 * @publicApi
 */
@Injectable()
export class SftpBackendRegistry implements OnModuleInit {
  #plan: MountPlan | undefined;

  /** @internal */
  constructor(
    @Inject(SFTP_MODULE_OPTIONS) private readonly options: CheckedOptions,
    @Inject(DECLARED_BACKENDS) private readonly declared: DeclaredBackends,
    @Inject(MADE_BACKENDS) private readonly made: DeclaredBackends,
    private readonly explorer: BackendExplorer,
  ) {}

  /**
   * The backends that have a name: of decorators and of the option `backends`.
   *
   * @throws SftpOptionsError with all that is wrong with the server's backends
   */
  names(): ReadonlyMap<string, SftpBackend> {
    return this.plan().names;
  }

  /**
   * The tree that sessions see unless they choose another: backends by the path where they stand.
   *
   * @throws SftpOptionsError with all that is wrong with the server's backends
   */
  mounts(): ReadonlyMap<SftpPath, SftpBackend> {
    return this.plan().mounts;
  }

  /**
   * The backend of a name.
   *
   * @throws Error that lists the known names when there is none
   */
  get(name: string): SftpBackend {
    const backend = this.names().get(name);
    if (backend === undefined) {
      const known = [...this.names().keys()].map((one) => JSON.stringify(one)).join(', ');
      throw new Error(
        `There is no SftpBackend named ${JSON.stringify(name)}; ${known === '' ? 'none has a name' : `known are ${known}`}`,
      );
    }
    return backend;
  }

  /** @internal */
  get resolve(): ResolveBackend | undefined {
    return this.declared.resolve ?? this.made.resolve;
  }

  /** @internal */
  onModuleInit(): void {
    this.plan();
  }

  private plan(): MountPlan {
    this.#plan ??= this.makePlan();
    return this.#plan;
  }

  private makePlan(): MountPlan {
    const problems: string[] = [];
    const decorated = this.decoratedClaims(problems);
    const claims = {
      names: [...this.optionNames(), ...decorated.names],
      mounts: [
        ...this.optionMounts(),
        ...(this.options.discover === false ? [] : decorated.mounts),
      ],
    };
    const outcome = planMounts(claims);
    problems.push(...outcome.problems);
    if (problems.length === 0 && claims.mounts.length === 0 && this.resolve === undefined) {
      problems.push(BACKEND_IS_MISSING);
    }
    if (problems.length > 0) throw new SftpOptionsError(problems);
    return outcome.plan;
  }

  private optionNames(): BackendClaim<string>[] {
    return [this.declared, this.made].flatMap(({ names }) =>
      [...names].map(([place, backend]) => ({
        place,
        backend,
        by: `backends[${JSON.stringify(place)}]`,
        decorated: false,
      })),
    );
  }

  private optionMounts(): BackendClaim<SftpPath>[] {
    return [this.declared, this.made].flatMap(({ root, mounts }) => [
      ...(root === undefined
        ? []
        : [{ place: ROOT_PATH, backend: root, by: 'backend', decorated: false }]),
      ...[...mounts].flatMap(([place, backend]) =>
        isCanonical(place)
          ? [{ place, backend, by: `mounts[${JSON.stringify(place)}]`, decorated: false }]
          : [],
      ),
    ]);
  }

  private decoratedClaims(problems: string[]): {
    names: BackendClaim<string>[];
    mounts: BackendClaim<SftpPath>[];
  } {
    const names: BackendClaim<string>[] = [];
    const mounts: BackendClaim<SftpPath>[] = [];
    for (const { options, wrapper, label } of this.explorer.explore()) {
      const wrong = roleProblems(options);
      if (!isSingleton(wrapper)) wrong.push(NO_SINGLETON);
      problems.push(...wrong.map((problem) => `${label}: ${problem}`));
      const backend: unknown = wrapper.instance;
      // A factory that gives nothing has decided that there is no such backend.
      if (wrong.length > 0 || backend === undefined || backend === null) continue;
      const claim = { backend, by: label, decorated: true };
      const { name, mount } = roleOf(options);
      if (name !== undefined) names.push({ ...claim, place: name });
      if (mount !== undefined) mounts.push({ ...claim, place: mount });
    }
    return { names, mounts };
  }
}

const NO_SINGLETON =
  'a backend must be a singleton, and this one is request-scoped or transient, or injects something that is. ' +
  'Leave out the scope; every method receives the session';
