import type { FactoryProvider, InjectionToken, ModuleMetadata, Provider } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';

import type { SftpBackend } from '../filesystem/backend.js';
import { ROOT_PATH } from '../filesystem/path.js';
import type { BackendLinks } from './backend-links.js';
import {
  type BackendOption,
  backendOptionProblems,
  type BackendSetting,
  backendSetting,
} from './backend-setting.js';
import { getSftpBackendToken } from './backend-tokens.js';
import type { CheckedOptions } from './check-options.js';
import { type DeclaredBackends, resolverOf } from './declared-backends.js';
import { MadeBackends } from './made-backends.js';
import { importsOf, instanceOf, type ProviderSource, toProvider } from './provider-source.js';
import type { SftpBackendResolver } from './session-choice.js';
import {
  BACKEND_LINKS,
  BACKEND_RESOLVER,
  DECLARED_BACKENDS,
  MADE_BACKENDS,
  SFTP_BACKEND,
  SFTP_MODULE_OPTIONS,
} from './tokens.js';

/** Where the backends of a server come from. */
export interface BackendSources {
  /** The backend of the whole tree, the name of one, or how each session comes to its own. */
  readonly backend?: BackendOption;
  /** Named backends, to be mounted, chosen by sessions, and injected by `@InjectSftpBackend(name)`. */
  readonly backends?: Readonly<Record<string, ProviderSource<SftpBackend>>>;
  /** Backends, or names of them, by the path of the tree where they stand. */
  readonly mounts?: Readonly<Record<string, string | ProviderSource<SftpBackend>>>;
}

/** What a server's module gets for the backends that are known before its options are. */
export interface BackendProviders {
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  readonly providers: readonly Provider[];
  readonly exports: readonly InjectionToken[];
}

/** A place of the options: the token that gives its backend, or the name of one. */
interface Slot {
  readonly place: string;
  readonly token?: InjectionToken;
  readonly name?: string;
}

/** The providers of the backends that a server's options name. */
export function backendProviders(sources: BackendSources): BackendProviders {
  const setting = usableSetting(sources.backend);
  const providers = new SourceProviders();
  if (setting?.kind === 'source') providers.add(SFTP_BACKEND, setting.source);
  if (setting?.kind === 'resolver') providers.add(BACKEND_RESOLVER, setting.source);
  const names = Object.entries(sources.backends ?? {}).map(([place, source]): Slot => {
    return { place, token: providers.add(getSftpBackendToken(place), source) };
  });
  const mounts = Object.entries(sources.mounts ?? {}).map(([place, source]): Slot => {
    if (typeof source === 'string') return { place, name: source };
    return { place, token: providers.add(Symbol(`SftpBackend at ${place}`), source) };
  });
  return {
    imports: providers.imports,
    providers: [
      ...providers.list,
      ...(setting?.kind === 'source' ? [] : [rootProvider(setting, mounts)]),
      declaredProvider(setting, names, mounts),
    ],
    exports: [SFTP_BACKEND, ...names.flatMap(({ token }) => token ?? [])],
  };
}

/** The option `backend`; what cannot be used is told when the options are checked. */
function usableSetting(backend: BackendOption | undefined): BackendSetting | undefined {
  if (backend === undefined || backendOptionProblems(backend).length > 0) return undefined;
  return backendSetting(backend);
}

/** Provides what the options of a factory make: nothing where the options are known from the start. */
export function madeProvider(made: boolean): FactoryProvider<MadeBackends> {
  return {
    provide: MADE_BACKENDS,
    inject: [SFTP_MODULE_OPTIONS, ModuleRef, DiscoveryService],
    useFactory: (options: CheckedOptions, moduleRef: ModuleRef, discovery: DiscoveryService) =>
      new MadeBackends(moduleRef, discovery).make(made ? options : {}),
  };
}

/** Providers of sources; an instance in several places is one provider, whose hooks are called once. */
class SourceProviders {
  readonly list: Provider[] = [];
  readonly imports: NonNullable<ModuleMetadata['imports']> = [];
  readonly #instances = new Map<object, InjectionToken>();

  add<T extends object>(token: InjectionToken, source: ProviderSource<T>): InjectionToken {
    const instance = instanceOf(source);
    const first = instance && this.#instances.get(instance);
    if (instance && first === undefined) this.#instances.set(instance, token);
    this.list.push(
      first === undefined ? toProvider(token, source) : { provide: token, useExisting: first },
    );
    this.imports.push(...importsOf(source));
    return token;
  }
}

/** The backend at `/` where the option `backend` does not provide it. */
function rootProvider(setting: BackendSetting | undefined, mounts: readonly Slot[]): Provider {
  const mounted = mounts.find(({ place }) => place === ROOT_PATH);
  const name = setting?.kind === 'name' ? setting.name : mounted?.name;
  if (name !== undefined) return { provide: SFTP_BACKEND, useExisting: getSftpBackendToken(name) };
  if (mounted?.token !== undefined) return { provide: SFTP_BACKEND, useExisting: mounted.token };
  return {
    provide: SFTP_BACKEND,
    // The long form of `inject` keeps Nest from taking the first dependency of an alias for its target.
    inject: [{ token: BACKEND_LINKS, optional: false }, MADE_BACKENDS, SFTP_MODULE_OPTIONS],
    useFactory: (links: BackendLinks, made: MadeBackends, { discover = true }: CheckedOptions) =>
      links.atRoot(made, discover),
  };
}

function declaredProvider(
  setting: BackendSetting | undefined,
  names: readonly Slot[],
  mounts: readonly Slot[],
): FactoryProvider<DeclaredBackends> {
  const root: Slot = {
    place: ROOT_PATH,
    ...(setting?.kind === 'source' && { token: SFTP_BACKEND }),
    ...(setting?.kind === 'name' && { name: setting.name }),
  };
  const resolver: Slot = {
    place: ROOT_PATH,
    ...(setting?.kind === 'resolver' && { token: BACKEND_RESOLVER }),
  };
  const tokens = [root, resolver, ...names, ...mounts].flatMap(({ token }) => token ?? []);
  return {
    provide: DECLARED_BACKENDS,
    inject: tokens,
    useFactory: (...instances: unknown[]) => {
      const given = ({ token, name }: Slot): unknown =>
        name ?? (token === undefined ? undefined : instances[tokens.indexOf(token)]);
      const placed = (slots: readonly Slot[]): Map<string, unknown> =>
        new Map(slots.map((slot) => [slot.place, given(slot)]));
      return {
        root: given(root),
        names: placed(names),
        mounts: placed(mounts),
        resolve: resolverOf(setting, given(resolver) as SftpBackendResolver | undefined),
      };
    },
  };
}
