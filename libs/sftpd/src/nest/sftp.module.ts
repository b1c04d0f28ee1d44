import { type DynamicModule, type FactoryProvider, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule, ModuleRef } from '@nestjs/core';

import type { SftpAuthenticator } from '../auth/authenticator.js';
import { StaticUsers } from '../auth/static-users.js';
import { BackendExplorer } from './backend-explorer.js';
import { SftpBackendLinksModule } from './backend-links.module.js';
import { backendProviders, type BackendSources, madeProvider } from './backend-providers.js';
import { SftpBackendRegistry } from './backend-registry.js';
import { type CheckedOptions, checkOptions } from './check-options.js';
import { sourcesProblems } from './check-sources.js';
import { HandlerSubscriber } from './handler-subscriber.js';
import {
  importsOf,
  isSource,
  type ProviderSource,
  resolveSource,
  toProvider,
} from './provider-source.js';
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
  SFTP_MODULE_OPTIONS,
  SFTP_SERVER_NAME,
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
@Module({ imports: [DiscoveryModule, SftpBackendLinksModule] })
export class SftpModule {
  /** A server whose options are known now. */
  static forRoot(options: SftpModuleOptions & SftpModuleStatic): DynamicModule {
    const { name, imports, ...rest } = options;
    const { auth } = rest;
    return assemble(
      { ...(name !== undefined && { name }), ...(imports && { imports }) },
      [
        {
          provide: SFTP_MODULE_OPTIONS,
          inject: [BackendExplorer],
          useFactory: (explorer: BackendExplorer) =>
            checkOptions(rest, {
              backend: false,
              auth: false,
              storage: explorer.explore().length > 0,
            }),
        },
        madeProvider(false),
      ],
      rest,
      isStaticUsers(auth) ? undefined : auth,
    );
  }

  /** A server whose options are made by a factory that other providers are injected into. */
  static forRootAsync(options: SftpModuleAsyncOptions): DynamicModule {
    const { backend, mounts, auth } = options;
    const check = (made: SftpModuleOptions, explorer: BackendExplorer): CheckedOptions =>
      checkOptions(made, {
        backend: backend !== undefined,
        auth: auth !== undefined,
        storage: mounts !== undefined || explorer.explore().length > 0,
        problems: sourcesProblems(options),
      });
    return assemble(
      options,
      [...optionsProviders(options, check), madeProvider(true)],
      options,
      auth,
    );
  }
}

function assemble(
  { name, imports }: SftpModuleStatic,
  options: Provider[],
  sources: BackendSources,
  auth: ProviderSource<SftpAuthenticator> | undefined,
): DynamicModule {
  const backends = backendProviders(sources);
  const named: Provider[] =
    name === undefined ? [] : [{ provide: getSftpServerToken(name), useExisting: SftpServer }];
  return {
    module: SftpModule,
    imports: [...(imports ?? []), ...backends.imports, ...importsOf(auth)],
    providers: [
      ...options,
      ...backends.providers,
      isSource(auth) ? toProvider(SFTP_AUTHENTICATOR, auth) : authenticatorOfOptions,
      { provide: SFTP_SERVER_NAME, useValue: name },
      HandlerSubscriber,
      SftpBackendRegistry,
      SftpServer,
      ...named,
    ],
    exports: [
      SftpServer,
      SftpBackendRegistry,
      ...backends.exports,
      ...(name === undefined ? [] : [getSftpServerToken(name)]),
    ],
  };
}

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
  check: (made: SftpModuleOptions, explorer: BackendExplorer) => CheckedOptions,
): Provider[] {
  const { useFactory, useClass, useExisting, inject } = options;
  if (useFactory) {
    const make = useFactory as (
      ...args: unknown[]
    ) => SftpModuleOptions | Promise<SftpModuleOptions>;
    return [
      {
        provide: SFTP_MODULE_OPTIONS,
        inject: [BackendExplorer, ...(inject ?? [])],
        useFactory: async (explorer: BackendExplorer, ...args: unknown[]) =>
          check(await make(...args), explorer),
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
      inject: [OPTIONS_FACTORY, BackendExplorer],
      useFactory: async (made: SftpModuleOptionsFactory, explorer: BackendExplorer) =>
        check(await made.createSftpModuleOptions(), explorer),
    },
  ];
}

function isStaticUsers(auth: SftpModuleOptions['auth']): auth is StaticUsersOption {
  return isSource(auth) && 'passwords' in auth;
}

async function staticUsers({ passwords, ...limits }: StaticUsersOption): Promise<StaticUsers> {
  try {
    return await StaticUsers.create(passwords, limits);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SftpOptionsError([`auth.passwords: ${error.message}`]);
  }
}
