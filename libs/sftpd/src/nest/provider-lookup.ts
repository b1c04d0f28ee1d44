import type { InjectionToken } from '@nestjs/common';
import { PROPERTY_DEPS_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/internal';
import type { ModulesContainer } from '@nestjs/core';
import { type InstanceWrapper, type Module, STATIC_CONTEXT } from '@nestjs/core/internal';

import { BACKEND_LINKS, MADE_BACKENDS, SFTP_MODULE_OPTIONS } from './tokens.js';

/** A provider or controller that injects a token, and where it stands. */
export interface Consumer {
  readonly name: string;
  readonly module: Module;
}

/** The modules of the application that are SFTP servers. */
export function serverModules(modules: ModulesContainer): Module[] {
  return [...modules.values()].filter(isServerModule);
}

/** Whether a module is of this package: what it provides is not the application's. */
export function isOwnModule(module: Module | undefined): boolean {
  return module !== undefined && (isServerModule(module) || module.providers.has(BACKEND_LINKS));
}

function isServerModule(module: Module): boolean {
  return module.providers.has(SFTP_MODULE_OPTIONS);
}

/** Providers and controllers outside of our own modules that inject a token. */
export function consumersOf(modules: ModulesContainer, token: InjectionToken): Consumer[] {
  return [...modules.values()]
    .filter((module) => !isOwnModule(module) && !module.providers.has(token))
    .flatMap((module) =>
      [module.providers, module.controllers, module.injectables].flatMap((collection) =>
        [...collection.values()]
          .filter((wrapper) => dependenciesOf(wrapper).includes(token))
          .map((wrapper) => ({ name: providerName(wrapper), module })),
      ),
    );
}

/** The class of what a provider gives; nothing while only its factory knows. */
export function classOf(wrapper: InstanceWrapper): unknown {
  const isClass = wrapper.metatype !== null && !wrapper.inject;
  if (isClass) return wrapper.metatype;
  const instance: unknown = wrapper.instance;
  return isObject(instance) ? instance.constructor : undefined;
}

/** How a provider is called in messages: by its class, or by its token. */
export function providerName(wrapper: InstanceWrapper): string {
  const type = classOf(wrapper);
  return nameOf(type) ?? nameOf(wrapper.token) ?? String(wrapper.token);
}

/** Whether a provider gives the same instance to everybody. */
export function isSingleton(wrapper: InstanceWrapper): boolean {
  return !wrapper.isTransient && wrapper.isDependencyTreeStatic();
}

/** Factories whose products may be backends and are still being made. */
export function pendingFactories(modules: ModulesContainer): InstanceWrapper[] {
  return [...modules.values()]
    .flatMap((module) => [...module.providers.values()])
    .filter(({ host, token }) => !isOwnModule(host) || token === MADE_BACKENDS)
    .filter((wrapper) => {
      const { isPending, isResolved } = wrapper.getInstanceByContextId(STATIC_CONTEXT);
      return wrapper.isFactory && !wrapper.isAlias && isPending === true && isResolved !== true;
    });
}

function dependenciesOf({ metatype, inject }: InstanceWrapper): unknown[] {
  if (inject)
    return inject.map((item: unknown) => (isObject(item) && 'token' in item ? item.token : item));
  if (typeof metatype !== 'function') return [];
  const parameters = Reflect.getMetadata(SELF_DECLARED_DEPS_METADATA, metatype) as Declared;
  const properties = Reflect.getMetadata(PROPERTY_DEPS_METADATA, metatype) as Declared;
  return [...(parameters ?? []), ...(properties ?? [])].map(({ param, type }) => param ?? type);
}

/** What a class declares to inject: `param` into its constructor, `type` into a property. */
type Declared = readonly { readonly param?: unknown; readonly type?: unknown }[] | undefined;

function nameOf(type: unknown): string | undefined {
  return typeof type === 'function' && type.name !== '' ? type.name : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
