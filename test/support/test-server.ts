import { join } from 'node:path';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SftpModule, SftpServer, type SftpBackend, type SftpModuleOptions } from 'nestjs-sftpd';
import { FolderBackend } from 'nestjs-sftpd/folder';
import { MemoryBackend, type MemoryBackendOptions } from 'nestjs-sftpd/memory';
import { BackendProbe } from './backend-probe.js';
import { levelBackend, withoutAttributes, type Level } from './level-backends.js';
import { LocalProbe } from './local-probe.js';
import type { SftpTarget } from './sftp-target.js';
import type { StorageProbe } from './storage-probe.js';
import { makeTempDir, type TempDir } from './temp-dir.js';
import { writeKeyPair, writeKnownHosts } from './test-keys.js';

const HOST = '127.0.0.1';

class TestApplicationModule {}

/** Starts a Nest application that serves a memory backend. */
export async function startMemoryServer(options: MemoryBackendOptions = {}): Promise<SftpTarget> {
  const backend = new MemoryBackend(options);
  return startServer(await makeTempDir(), backend, new BackendProbe(backend));
}

/** Starts a Nest application that serves a temporary directory; the probe reads the directory itself. */
export async function startFolderServer(): Promise<SftpTarget> {
  const directory = await makeTempDir();
  const root = await makeTempDir();
  const target = await startServer(
    directory,
    new FolderBackend({ root: root.path }),
    new LocalProbe(root.path),
  );
  return {
    ...target,
    stop: async () => {
      await target.stop();
      await root.remove();
    },
  };
}

/** Starts a Nest application that serves a memory storage through a backend of exactly one level. */
export async function startLevelServer(
  level: Level,
  { attributes = true }: { readonly attributes?: boolean } = {},
): Promise<SftpTarget> {
  const storage = new MemoryBackend();
  const backend = levelBackend(level, storage);
  return startBackendServer(
    attributes ? backend : withoutAttributes(backend),
    new BackendProbe(storage),
  );
}

/**
 * Starts a Nest application that serves any backend.
 *
 * @param storage looks at what is stored, past whatever the backend would not show
 * @param options further options of the server
 * @param logger gets what the server logs
 */
export async function startBackendServer(
  backend: SftpBackend,
  storage: StorageProbe,
  options: Partial<SftpModuleOptions> = {},
  logger?: LoggerService,
): Promise<SftpTarget> {
  return startServer(await makeTempDir(), backend, storage, options, logger);
}

async function startServer(
  directory: TempDir,
  backend: SftpBackend,
  storage: StorageProbe,
  options: Partial<SftpModuleOptions> = {},
  logger: LoggerService | ['debug'] | false = process.env['SFTP_TEST_LOG'] === undefined
    ? false
    : ['debug'],
): Promise<SftpTarget> {
  const key = await writeKeyPair(directory.path, 'client-key');
  const hostKeys = join(directory.path, 'host-keys');
  const application = await NestFactory.createApplicationContext(
    applicationModule(backend, hostKeys, key.publicLine, options),
    { abortOnError: false, logger },
  );
  const address = application.get(SftpServer, { strict: false }).address();
  if (address === null) throw new Error('The server does not listen');
  const identity = await writeKnownHosts(
    hostKeys,
    join(directory.path, 'known_hosts'),
    HOST,
    address.port,
  );
  return {
    ...identity,
    host: HOST,
    port: address.port,
    username: 'dev',
    password: 'dev',
    keyFile: key.file,
    home: directory.path,
    storage,
    stop: async () => {
      await application.close();
      await directory.remove();
    },
  };
}

function applicationModule(
  backend: SftpBackend,
  hostKeyDirectory: string,
  authorizedKey: string,
  options: Partial<SftpModuleOptions>,
): DynamicModule {
  return {
    module: TestApplicationModule,
    imports: [
      SftpModule.forRoot({
        host: HOST,
        port: 0,
        hostKeys: { directory: hostKeyDirectory, create: true },
        auth: {
          passwords: [{ username: 'dev', password: 'dev', authorizedKeys: [authorizedKey] }],
        },
        backend,
        ...options,
      }),
    ],
  };
}
