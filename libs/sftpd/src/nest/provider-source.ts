import type {
  FactoryProvider,
  InjectionToken,
  ModuleMetadata,
  Provider,
  Type,
} from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

import { SftpOptionsError } from './sftp-options.error.js';

/**
 * Where an instance comes from, in Nest's own terms: the instance itself, its class (Nest makes one for this
 * server), or a custom provider without its token. What `inject` and `useExisting` name must be visible to the
 * server's module: provided by a module in the source's `imports` or in the server's, or by a global one.
 */
export type ProviderSource<T extends object> = T | Type<T> | CustomSource<T>;

/** A custom provider without its token, and the modules that it needs. */
export type CustomSource<T extends object> =
  | (SourceImports & { readonly useClass: Type<T> })
  | (SourceImports & { readonly useExisting: InjectionToken })
  | { readonly useValue: T }
  | (SourceImports & Pick<FactoryProvider<T>, 'useFactory' | 'inject'>);

/** Modules that a source needs, beside the `imports` of the server's module. */
export type SourceImports = Pick<ModuleMetadata, 'imports'>;

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
  if (isCustomProvider(source)) {
    const { imports: _imports, ...provider } = source as CustomSource<T> & SourceImports;
    return { ...provider, provide: token } as Provider;
  }
  return { provide: token, useValue: source };
}

/** The modules that a source needs. */
export function importsOf(source: unknown): NonNullable<ModuleMetadata['imports']> {
  if (!isSource(source) || !isCustomProvider(source)) return [];
  return (source as SourceImports).imports ?? [];
}

/** The instance that a source holds already; nothing where Nest is to come to one. */
export function instanceOf<T extends object>(source: ProviderSource<T>): T | undefined {
  if (isClass(source)) return undefined;
  if (!isCustomProvider<T>(source)) return source as T;
  return 'useValue' in source ? source.useValue : undefined;
}

/** Makes a source's instance after the module's providers are known: for options that come from a factory. */
export async function resolveSource<T extends object>(
  moduleRef: ModuleRef,
  source: ProviderSource<T>,
): Promise<T> {
  if (isClass(source)) return moduleRef.create(source);
  if (!isCustomProvider<T>(source)) return source as T;
  if ('useValue' in source) return source.useValue;
  if ('useClass' in source && importsOf(source).length === 0) {
    return moduleRef.create(source.useClass);
  }
  throw new SftpOptionsError([
    'backend, auth: useFactory and useExisting belong beside the factory of the options, and so do imports: ' +
      'forRootAsync({ backend: { useExisting: ... }, useFactory: ... })',
  ]);
}

function isClass<T extends object>(source: ProviderSource<T>): source is Type<T> {
  return typeof source === 'function';
}

function isCustomProvider<T extends object>(
  source: ProviderSource<T>,
): source is Exclude<ProviderSource<T>, T | Type<T>> {
  return isSource(source) && PROVIDER_KEYS.some((key) => key in source);
}
