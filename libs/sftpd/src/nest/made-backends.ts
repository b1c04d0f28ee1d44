import type {
  BeforeApplicationShutdown,
  OnApplicationBootstrap,
  OnApplicationShutdown,
  OnModuleDestroy,
  OnModuleInit,
} from '@nestjs/common';
import type { DiscoveryService, ModuleRef } from '@nestjs/core';

import type { BackendSources } from './backend-providers.js';
import { backendSetting, type ResolveBackend } from './backend-setting.js';
import { type DeclaredBackends, resolverOf } from './declared-backends.js';
import { type ProviderSource, resolveSource } from './provider-source.js';

type Hooks = OnModuleInit &
  OnApplicationBootstrap &
  OnModuleDestroy &
  BeforeApplicationShutdown &
  OnApplicationShutdown;

/**
 * The backends of options that a factory has made. Nest does not know them as providers, so their life-cycle
 * hooks are called from here; those of a provider of the application, which the factory was given, are not.
 */
export class MadeBackends implements DeclaredBackends, Hooks {
  root: unknown;
  readonly names = new Map<string, unknown>();
  readonly mounts = new Map<string, unknown>();
  resolve: ResolveBackend | undefined;
  readonly #made = new Set<object>();
  readonly #moduleRef: ModuleRef;
  readonly #discovery: DiscoveryService;

  constructor(moduleRef: ModuleRef, discovery: DiscoveryService) {
    this.#moduleRef = moduleRef;
    this.#discovery = discovery;
  }

  /**
   * Makes what the options name.
   *
   * @throws SftpOptionsError for a source that can only be given beside the factory
   */
  async make({ backend, backends = {}, mounts = {} }: BackendSources): Promise<this> {
    const setting = backend === undefined ? undefined : backendSetting(backend);
    if (setting?.kind === 'source') this.root = await this.#instance(setting.source);
    if (setting?.kind === 'name') this.root = setting.name;
    const resolver =
      setting?.kind === 'resolver' ? await this.#instance(setting.source) : undefined;
    this.resolve = resolverOf(setting, resolver);
    for (const [name, source] of Object.entries(backends)) {
      this.names.set(name, await this.#instance(source));
    }
    for (const [path, source] of Object.entries(mounts)) {
      this.mounts.set(path, typeof source === 'string' ? source : await this.#instance(source));
    }
    return this;
  }

  onModuleInit(): Promise<void> {
    return this.#call((made) => made.onModuleInit?.());
  }

  onApplicationBootstrap(): Promise<void> {
    return this.#call((made) => made.onApplicationBootstrap?.());
  }

  onModuleDestroy(): Promise<void> {
    return this.#call((made) => made.onModuleDestroy?.());
  }

  beforeApplicationShutdown(signal?: string): Promise<void> {
    return this.#call((made) => made.beforeApplicationShutdown?.(signal));
  }

  onApplicationShutdown(signal?: string): Promise<void> {
    return this.#call((made) => made.onApplicationShutdown?.(signal));
  }

  async #instance<T extends object>(source: ProviderSource<T>): Promise<T> {
    const instance = await resolveSource(this.#moduleRef, source);
    this.#made.add(instance);
    return instance;
  }

  async #call(hook: (made: Partial<Hooks>) => unknown): Promise<void> {
    const providers = this.#discovery.getProviders().filter(({ isAlias }) => !isAlias);
    const provided = new Set(providers.map(({ instance }): unknown => instance));
    const own = [...this.#made].filter((made) => !provided.has(made));
    await Promise.all(own.map((made) => hook(made as Partial<Hooks>)));
  }
}
