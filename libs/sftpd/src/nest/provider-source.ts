import type { FactoryProvider, InjectionToken, Provider, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

import { SftpOptionsError } from './sftp-options.error.js';

/**
 * Where an instance comes from, in Nest's own terms: the instance itself, its class (Nest makes one for this
 * server), or a custom provider without its token. What `inject` and `useExisting` name must be visible to the
 * module: provided by a module in its `imports`, or by a global one.
 */
export type ProviderSource<T extends object> =
  | T
  | Type<T>
  | { readonly useClass: Type<T> }
  | { readonly useExisting: InjectionToken }
  | { readonly useValue: T }
  | Pick<FactoryProvider<T>, 'useFactory' | 'inject'>;

const PROVIDER_KEYS = ['useClass', 'useExisting', 'useFactory', 'useValue'] as const;

/** Whether a value can be a source at all; whether it is a good one turns out when it is resolved. */
export function isSource(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

/** The provider that gives a source's instance under a token. */
export function toProvider<T extends object>(
  token: InjectionToken,
  source: ProviderSource<T>,
): Provider {
  if (isClass(source)) return { provide: token, useClass: source };
  if (isCustomProvider(source)) return { ...source, provide: token } as Provider;
  return { provide: token, useValue: source };
}

/** Makes a source's instance after the module's providers are known: for options that come from a factory. */
export async function resolveSource<T extends object>(
  moduleRef: ModuleRef,
  source: ProviderSource<T>,
): Promise<T> {
  if (isClass(source)) return moduleRef.create(source);
  if (!isCustomProvider<T>(source)) return source as T;
  if ('useValue' in source) return source.useValue;
  if ('useClass' in source) return moduleRef.create(source.useClass);
  throw new SftpOptionsError([
    'backend, auth: useFactory and useExisting belong beside the factory of the options: ' +
      'forRootAsync({ backend: { useExisting: ... }, useFactory: ... })',
  ]);
}

function isClass<T extends object>(source: ProviderSource<T>): source is Type<T> {
  return typeof source === 'function';
}

function isCustomProvider<T extends object>(
  source: ProviderSource<T>,
): source is Exclude<ProviderSource<T>, T | Type<T>> {
  return PROVIDER_KEYS.some((key) => key in source);
}
