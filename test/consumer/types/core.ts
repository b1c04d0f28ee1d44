/*
 * What an application without any optional package writes. It is compiled, and never run.
 */
import { Injectable, Module } from '@nestjs/common';
import {
  type AuthenticationResult,
  type CommitGateContext,
  type ConnectionRefusedEvent,
  directoryInfo,
  type DirEntry,
  type FileInfo,
  type GateVerdict,
  InjectSftpBackend,
  type LockoutStore,
  OnSftpEvent,
  type PlacesStore,
  ReadOnlyBackend,
  regularFileInfo,
  SftpBackend,
  type SftpAuthenticator,
  type SftpBackendResolver,
  SftpError,
  SftpGate,
  SftpModule,
  type SftpModuleOptions,
  type SftpModuleOptionsFactory,
  type SftpPublicKey,
  SftpServer,
  type SftpSession,
  sftpTracing,
  type UploadCompletedEvent,
} from 'nestjs-sftpd';
import { FolderBackend, type FolderBackendOptions } from 'nestjs-sftpd/folder';
import { MemoryBackend, type MemoryBackendOptions } from 'nestjs-sftpd/memory';
import { RedisLockoutStore, type RedisScriptClient } from 'nestjs-sftpd/redis';
import {
  type BackendContractOptions,
  type ContractReport,
  type ContractRunner,
  describeBackendContract,
  SftpTestClient,
  SftpTestServer,
} from 'nestjs-sftpd/testing';

@Injectable()
export class Partners implements SftpAuthenticator {
  authenticatePassword(username: string, password: string): AuthenticationResult {
    return username === 'anna' && password.length > 0 && { tenant: 'north' };
  }

  authorizePublicKey(_username: string, key: SftpPublicKey): AuthenticationResult {
    return key.fingerprint.startsWith('SHA256:') && {};
  }
}

@SftpBackend({ name: 'reports', mount: '/reports' })
export class Reports extends ReadOnlyBackend {
  listDir(): DirEntry[] {
    return [{ name: 'january.csv', info: regularFileInfo(3) }];
  }

  fileInfo(path: string): FileInfo {
    if (path === '/') return directoryInfo({ mode: 0o555 });
    return regularFileInfo(this.readFile(path).length, { mode: 0o444 });
  }

  override readFile(path: string): Buffer {
    if (path !== '/january.csv') throw new SftpError('ENOENT');
    return Buffer.from('day');
  }
}

@SftpBackend({ name: 'archive' })
export class Archive extends FolderBackend {
  constructor() {
    const options: FolderBackendOptions = { root: './archive', create: true };
    super(options);
  }
}

@Injectable()
export class Watcher {
  readonly seen: string[] = [];

  constructor(
    @InjectSftpBackend('archive') readonly archive: SftpBackend,
    readonly server: SftpServer,
  ) {}

  @OnSftpEvent('upload.completed')
  onUpload({ path, session }: UploadCompletedEvent): void {
    this.seen.push(`${session.username} ${path}`);
  }

  @OnSftpEvent('connection.refused')
  onRefused({ reason, address }: ConnectionRefusedEvent): void {
    this.seen.push(`${address} ${reason}`);
  }

  @SftpGate('upload.commit')
  check({ path }: CommitGateContext): GateVerdict {
    return path.endsWith('.csv') || 'only tables';
  }
}

@Injectable()
export class Trees implements SftpBackendResolver {
  resolveBackend(session: SftpSession): { readonly readOnly: boolean } {
    return { readOnly: session.attributes['tenant'] !== 'north' };
  }
}

const memory: MemoryBackendOptions = {};

/** What the application's Redis client is to the package. */
export function lockout(client: RedisScriptClient): LockoutStore {
  return new RedisLockoutStore(client);
}

@Injectable()
export class Settings implements SftpModuleOptionsFactory {
  createSftpModuleOptions(): SftpModuleOptions {
    return {
      hostKeys: { directory: './host-keys', create: true },
      auth: Partners,
      backend: new MemoryBackend(memory),
      algorithms: 'modern',
      lockout: { maxFailures: 5 },
      access: { allow: ['192.0.2.0/24'] },
    };
  }
}

@Module({
  imports: [
    SftpModule.forRoot({
      name: 'first',
      hostKeys: { directory: './host-keys' },
      auth: { passwords: [{ username: 'dev', password: 'dev', attributes: { tenant: 'north' } }] },
      mounts: { '/': new MemoryBackend(), '/reports': 'reports' },
      backend: ({ attributes }) => (attributes['tenant'] === 'north' ? {} : { readOnly: true }),
    }),
    SftpModule.forRootAsync({ name: 'second', useClass: Settings }),
  ],
  providers: [Reports, Archive, Watcher],
})
export class AppModule {}

/** How the application's tests reach its server, and prove its backend. */
export async function inTests(placesStore: PlacesStore): Promise<string> {
  const server = await SftpTestServer.start({ backend: new MemoryBackend(), placesStore });
  const client: SftpTestClient = await server.connect();
  await client.writeFile('/hello.txt', 'hello');
  const content = await client.readFile('/hello.txt');
  await server.close();
  return content.toString();
}

/** @param runner of the application's tests */
export function prove(runner: ContractRunner, report: (report: ContractReport) => void): void {
  const options: BackendContractOptions = {
    name: 'MemoryBackend',
    create: () => ({ backend: new MemoryBackend() }),
    report,
  };
  describeBackendContract(options, runner);
}

/** Whether anybody looks at the requests. */
export const isTraced = (): boolean => sftpTracing.operation.start.hasSubscribers;
