import { Injectable, type InjectionToken } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import {
  type Injector,
  type InstanceWrapper,
  type Module,
  STATIC_CONTEXT,
} from '@nestjs/core/internal';

import type { SftpBackend } from '../filesystem/backend.js';
import { ROOT_PATH } from '../filesystem/path.js';
import { BackendExplorer } from './backend-explorer.js';
import { mountOf, nameOf } from './backend-role.js';
import { getSftpBackendToken } from './backend-tokens.js';
import type { MadeBackends } from './made-backends.js';
import {
  type Consumer,
  consumersOf,
  isSingleton,
  pendingFactories,
  serverModules,
} from './provider-lookup.js';
import { SftpOptionsError } from './sftp-options.error.js';
import { BACKEND_LINKS, MADE_BACKENDS, SFTP_BACKEND } from './tokens.js';

/** Milliseconds after which it is looked again whether the factories under way can ever end. */
const WATCH_INTERVAL = 50;

const NOTHING_AT_ROOT =
  "nothing stands there. Give the option backend, mount one at '/', or inject a backend by its name";

/** A provider that a link may stand for, or a part of what it gives. */
interface Target {
  readonly label: string;
  readonly wrapper: InstanceWrapper;
  readonly pick?: (instance: unknown) => unknown;
}

/** Where a link has led. */
interface Found {
  readonly label: string;
  /** Not there when the provider makes one for each request or consumer. */
  readonly backend: SftpBackend | undefined;
}

/** What there is to say when a link leads nowhere, or to several backends. */
interface Link {
  /** What is looked for. */
  readonly what: string;
  readonly consumers: readonly Consumer[];
  /** Why there is none, and the fix. */
  readonly none: string;
}

/**
 * Follows the links to backends that are provided anywhere in the application.
 *
 * Nest's `useExisting` names a provider of the module or of its imports. A link finds its target in the whole
 * application, has Nest load it, and is then to Nest what an alias is: the target's life-cycle hooks are called
 * for the target alone, and in their order with those of whoever injects it.
 */
@Injectable()
export class BackendLinks {
  private readonly waiting = new Set<InstanceWrapper>();

  constructor(
    private readonly modules: ModulesContainer,
    private readonly moduleRef: ModuleRef,
    private readonly explorer: BackendExplorer,
  ) {}

  /**
   * The backend of a name; none where nobody in this application injects the name.
   *
   * @throws SftpOptionsError that names who injects it and the fix
   */
  async named(name: string): Promise<SftpBackend | undefined> {
    const token = getSftpBackendToken(name);
    const found = await this.follow(this.linkIn(this.ownModule(), token), () =>
      this.targetsNamed(name),
    );
    return oneOf(found, {
      what: `the backend "${name}"`,
      consumers: consumersOf(this.modules, token),
      none:
        `no provider has that name. Decorate one with @SftpBackend({ name: '${name}' }), or give it in the ` +
        `option backends: { '${name}': ... }`,
    });
  }

  /** The backend at `/` of the application's one server, for modules that do not import it. */
  async ofApplication(): Promise<SftpBackend | undefined> {
    const servers = serverModules(this.modules);
    const found = await this.follow(this.linkIn(this.ownModule(), SFTP_BACKEND), () =>
      servers.flatMap((module) => targetsUnder(module, SFTP_BACKEND)),
    );
    const importsServer = ({ module }: Consumer): boolean =>
      servers.some((server) => module.imports.has(server));
    return oneOf(found, {
      what: 'the backend at "/"',
      consumers: consumersOf(this.modules, SFTP_BACKEND).filter((one) => !importsServer(one)),
      none: NOTHING_AT_ROOT,
    });
  }

  /** The backend at `/` of a server whose module does not provide it: made by its options, named, or found. */
  async atRoot(made: MadeBackends, discover: boolean): Promise<SftpBackend | undefined> {
    const server = serverModules(this.modules).find(
      (module) => module.providers.get(MADE_BACKENDS)?.instance === made,
    );
    if (server === undefined) throw new TypeError('These backends are of no server');
    const root = made.root ?? made.mounts.get(ROOT_PATH);
    const find = (): Target[] => {
      if (typeof root === 'string') return this.targetsNamed(root);
      return discover ? this.decorated((options) => mountOf(options) === ROOT_PATH) : [];
    };
    const link = this.linkIn(server, SFTP_BACKEND);
    if (root !== undefined && typeof root !== 'string') {
      link.isAlias = true;
      return root as SftpBackend;
    }
    return oneOf(await this.follow(link, find), {
      what: 'the backend at "/"',
      consumers: consumersOf(this.modules, SFTP_BACKEND).filter(({ module }) =>
        module.imports.has(server),
      ),
      none: NOTHING_AT_ROOT,
    });
  }

  private targetsNamed(name: string): Target[] {
    const token = getSftpBackendToken(name);
    const namedOf = (made: unknown): unknown => (made as MadeBackends | null)?.names.get(name);
    const decorated = this.decorated((options) => nameOf(options) === name);
    const declared = serverModules(this.modules).flatMap((module) => [
      ...targetsUnder(module, token),
      ...targetsUnder(module, MADE_BACKENDS, namedOf).filter(
        ({ wrapper }) => namedOf(wrapper.instance) !== undefined,
      ),
    ]);
    return [...decorated, ...declared];
  }

  private decorated(matches: (options: unknown) => boolean): Target[] {
    return this.explorer.explore().filter(({ options }) => matches(options));
  }

  /** Waits until a link has a target, or cannot have one any more, and loads what there is. */
  private async follow(link: InstanceWrapper, find: () => Target[]): Promise<Found[]> {
    link.isAlias = true;
    const targets = await this.untilFound(link, find);
    const found: Found[] = [];
    for (const target of targets) {
      const one = await this.load(link, target);
      if (one && !found.some(({ backend }) => backend === one.backend)) found.push(one);
    }
    return found;
  }

  private async load(link: InstanceWrapper, target: Target): Promise<Found | undefined> {
    const { wrapper, pick, label } = target;
    if (wrapper.host === undefined) return undefined;
    // So that hooks run in their order, and a request scope is known to whoever injects the link.
    link.addPropertiesMetadata(wrapper.id, wrapper);
    const { injector } = this.moduleRef as unknown as { readonly injector: Injector };
    await injector.resolveComponentHost(wrapper.host, wrapper, {
      contextId: STATIC_CONTEXT,
      inquirer: link,
    });
    if (!isSingleton(wrapper)) return { label, backend: undefined };
    const instance: unknown = wrapper.instance;
    const backend = pick ? pick(instance) : instance;
    return backend === undefined || backend === null
      ? undefined
      : { label, backend: backend as SftpBackend };
  }

  private async untilFound(link: InstanceWrapper, find: () => Target[]): Promise<Target[]> {
    this.waiting.add(link);
    try {
      let stuck = '';
      for (;;) {
        const targets = find();
        const pending = pendingFactories(this.modules);
        if (targets.length > 0 || pending.length === 0) return targets;
        if (pending.some((factory) => !this.waitsForLink(factory))) {
          stuck = '';
        } else {
          // Whoever has just been served may not have gone on yet: only what lasts is a deadlock.
          const state = [...pending, ...this.waiting].map(({ id }) => id).join();
          if (state === stuck) return [];
          stuck = state;
        }
        await oneSettled(pending);
      }
    } finally {
      this.waiting.delete(link);
    }
  }

  private waitsForLink(factory: InstanceWrapper): boolean {
    const { settlementSignal } = factory.getInstanceByContextId(STATIC_CONTEXT);
    return [...this.waiting].some((link) => settlementSignal?.isCycle(link.id) === true);
  }

  private ownModule(): Module {
    const own = [...this.modules.values()].find((module) => module.providers.has(BACKEND_LINKS));
    if (own === undefined) throw new TypeError('The module of the links is not there');
    return own;
  }

  private linkIn(module: Module, token: InjectionToken): InstanceWrapper {
    const link = module.providers.get(token);
    if (link === undefined) throw new TypeError(`There is no link ${String(token)}`);
    return link;
  }
}

function targetsUnder(
  module: Module,
  token: InjectionToken,
  pick?: (instance: unknown) => unknown,
): Target[] {
  const wrapper = module.providers.get(token);
  return wrapper ? [{ label: `option of ${module.name}`, wrapper, ...(pick && { pick }) }] : [];
}

/** Settles when one of the factories has ended, or when it is time to look again. */
async function oneSettled(factories: readonly InstanceWrapper[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<void>((resolve) => (timer = setTimeout(resolve, WATCH_INTERVAL)));
  try {
    await Promise.race([
      time,
      ...factories.map((factory) => factory.getInstanceByContextId(STATIC_CONTEXT).donePromise),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** The one backend that a link stands for; a problem where somebody injects it and there is not exactly one. */
function oneOf(found: readonly Found[], { what, consumers, none }: Link): SftpBackend | undefined {
  const [first, second] = found;
  if (first?.backend && second === undefined) return first.backend;
  if (consumers.length === 0) return undefined;
  const names = [...new Set(consumers.map(({ name, module }) => `${name} of ${module.name}`))];
  throw new SftpOptionsError([`${names.join(', ')}: injects ${what}, but ${reason(found, none)}`]);
}

function reason(found: readonly Found[], none: string): string {
  const [first, second] = found;
  if (first === undefined) return none;
  if (second === undefined) {
    return `${first.label} is not a singleton; leave out its scope, and that of what it injects`;
  }
  return `there are several: ${found.map(({ label }) => label).join(', ')}. Keep one of them`;
}
