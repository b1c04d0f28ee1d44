import { type DynamicModule, type FactoryProvider, Module, type Provider } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

import type { SftpAuthenticator } from '../auth/authenticator.js';
import { StaticUsers } from '../auth/static-users.js';
import type { SftpBackend } from '../filesystem/backend.js';
import { type CheckedOptions, checkOptions } from './check-options.js';
import { isSource, type ProviderSource, resolveSource, toProvider } from './provider-source.js';
import type {
  SftpModuleAsyncOptions,
  SftpModuleOptions,
  SftpModuleOptionsFactory,
  SftpModuleStatic,
  StaticUsersOption,
} from './sftp-module-options.js';
import { SftpOptionsError } from './sftp-options.error.js';
import { SftpServer } from './sftp-server.js';
import {
  getSftpServerToken,
  SFTP_AUTHENTICATOR,
  SFTP_BACKEND,
  SFTP_MODULE_OPTIONS,
} from './tokens.js';

/** What makes the options of `forRootAsync`. */
const OPTIONS_FACTORY = Symbol('OPTIONS_FACTORY');

/**
 * Makes a Nest application an SFTP server.
 *
 * @example
 * SftpModule.forRoot({
 *   port: 2222,
 *   hostKeys: { directory: './host-keys', create: true },
 *   auth: { passwords: [{ username: 'dev', password: 'dev' }] },
 *   backend: new MemoryBackend(),
 * });
 *
 * @publicApi
 */
@Module({})
export class SftpModule {
  /** A server whose options are known now. */
  static forRoot(options: SftpModuleOptions & SftpModuleStatic): DynamicModule {
    const { name, imports, ...rest } = options;
    const { backend, auth } = rest;
    return assemble(
      { ...(name !== undefined && { name }), ...(imports && { imports }) },
      [{ provide: SFTP_MODULE_OPTIONS, useFactory: () => checkOptions(rest) }],
      backend,
      isStaticUsers(auth) ? undefined : auth,
    );
  }

  /** A server whose options are made by a factory that other providers are injected into. */
  static forRootAsync(options: SftpModuleAsyncOptions): DynamicModule {
    const { backend, auth } = options;
    const elsewhere = { backend: backend !== undefined, auth: auth !== undefined };
    return assemble(
      options,
      optionsProviders(options, (made) => checkOptions(made, elsewhere)),
      backend,
      auth,
    );
  }
}

function assemble(
  { name, imports }: SftpModuleStatic,
  options: Provider[],
  backend: ProviderSource<SftpBackend> | undefined,
  auth: ProviderSource<SftpAuthenticator> | undefined,
): DynamicModule {
  const named: Provider[] =
    name === undefined ? [] : [{ provide: getSftpServerToken(name), useExisting: SftpServer }];
  return {
    module: SftpModule,
    imports: imports ?? [],
    providers: [
      ...options,
      isSource(backend) ? toProvider(SFTP_BACKEND, backend) : backendOfOptions,
      isSource(auth) ? toProvider(SFTP_AUTHENTICATOR, auth) : authenticatorOfOptions,
      SftpServer,
      ...named,
    ],
    exports: [SftpServer, SFTP_BACKEND, ...(name === undefined ? [] : [getSftpServerToken(name)])],
  };
}

const backendOfOptions: FactoryProvider<SftpBackend> = {
  provide: SFTP_BACKEND,
  inject: [SFTP_MODULE_OPTIONS, ModuleRef],
  useFactory: ({ backend }: CheckedOptions, moduleRef: ModuleRef) => {
    if (backend === undefined) throw new SftpOptionsError(['backend: is missing']);
    return resolveSource(moduleRef, backend);
  },
};

const authenticatorOfOptions: FactoryProvider<SftpAuthenticator> = {
  provide: SFTP_AUTHENTICATOR,
  inject: [SFTP_MODULE_OPTIONS, ModuleRef],
  useFactory: ({ auth }: CheckedOptions, moduleRef: ModuleRef) => {
    if (auth === undefined) throw new SftpOptionsError(['auth: is missing']);
    return isStaticUsers(auth) ? staticUsers(auth) : resolveSource(moduleRef, auth);
  },
};

function optionsProviders(
  options: SftpModuleAsyncOptions,
  check: (made: SftpModuleOptions) => CheckedOptions,
): Provider[] {
  const { useFactory, useClass, useExisting, inject } = options;
  if (useFactory) {
    const make = useFactory as (
      ...args: unknown[]
    ) => SftpModuleOptions | Promise<SftpModuleOptions>;
    return [
      {
        provide: SFTP_MODULE_OPTIONS,
        inject: inject ?? [],
        useFactory: async (...args: unknown[]) => check(await make(...args)),
      },
    ];
  }
  const factory = useClass ? { useClass } : useExisting ? { useExisting } : undefined;
  if (factory === undefined) {
    throw new SftpOptionsError(['forRootAsync: give one of useFactory, useClass and useExisting']);
  }
  return [
    { provide: OPTIONS_FACTORY, ...factory } as Provider,
    {
      provide: SFTP_MODULE_OPTIONS,
      inject: [OPTIONS_FACTORY],
      useFactory: async (made: SftpModuleOptionsFactory) =>
        check(await made.createSftpModuleOptions()),
    },
  ];
}

function isStaticUsers(auth: SftpModuleOptions['auth']): auth is StaticUsersOption {
  return isSource(auth) && 'passwords' in auth;
}

function staticUsers({ passwords }: StaticUsersOption): StaticUsers {
  try {
    return new StaticUsers(passwords);
  } catch (error) {
    throw new SftpOptionsError([
      `auth.passwords: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}
