import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DynamicModule,
  type INestApplicationContext,
  type LoggerService,
  Module,
} from '@nestjs/common';
import {
  type BackendOption,
  childPath,
  getSftpServerToken,
  mountTree,
  normalizePath,
  type RandomAccessBackend,
  ROOT_PATH,
  SftpBackend,
  SftpModule,
  type SftpPath,
  type SftpSession,
} from 'nestjs-sftpd';
import { FolderBackend } from 'nestjs-sftpd/folder';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { BackendProbe } from '../../support/backend-probe.js';
import type { SftpTarget } from '../../support/sftp-target.js';
import { makeTempDir } from '../../support/temp-dir.js';
import { writeKeyPair, writeKnownHosts } from '../../support/test-keys.js';
import {
  ALL_USERS,
  chooseFromList,
  TenantDirectory,
  TenantStorage,
  WITH_ATTRIBUTE,
} from './mounted-users.js';
import { portOf, startApp } from './nest-app.js';

const HOST = '127.0.0.1';
const INBOX = normalizePath('/inbox');
const ARCHIVE = normalizePath('/archive');

/** The servers of the application, by how each comes to the tree of a session. */
export const SERVERS = ['by-function', 'by-attribute', 'by-resolver'] as const;

/** The name of a server. */
export type ServerName = (typeof SERVERS)[number];

@SftpBackend({ name: 'files', mount: '/' })
class FilesBackend extends MemoryBackend {
  constructor() {
    super({ maxBytes: 64 * 2 ** 20 });
  }
}

@SftpBackend({ name: 'inbox', mount: '/inbox' })
class InboxBackend extends MemoryBackend {
  constructor() {
    super({ maxBytes: 32 * 2 ** 20 });
  }
}

@SftpBackend({ name: 'archive', mount: '/archive' })
class ArchiveBackend extends FolderBackend {}

@Module({ providers: [TenantDirectory], exports: [TenantDirectory] })
class TenantsModule {}

/** An application with three decorated backends in one tree, two in memory and a folder, and many users. */
export interface MountedApplication {
  /** The server that asks a function, as `owner` sees it. */
  readonly target: SftpTarget;
  /** The sessions for which the function was asked. */
  readonly asked: readonly SftpSession[];
  /** What was logged as an error. */
  readonly errors: readonly string[];
  /** The directory of the machine that is mounted at `/archive`. */
  readonly folder: string;
  /** A server as one user logs in to it, with a home of the user's own. */
  as(user: string, server?: ServerName): SftpTarget;
  /** Removes all that is stored. */
  empty(): Promise<void>;
}

/** Starts the application. */
export async function startMountedApplication(): Promise<MountedApplication> {
  const directory = await makeTempDir();
  const at = (name: string): string => join(directory.path, name);
  for (const name of ['host-keys', 'folder', ...ALL_USERS]) await mkdir(at(name));
  await writeKeyPair(at('host-keys'), 'host-key');
  const key = await writeKeyPair(directory.path, 'client-key');
  const asked: SftpSession[] = [];
  const log = new ErrorLines();
  const app = await startApp(
    applicationMetadata(at('folder'), at('host-keys'), key.publicLine, (session) => {
      asked.push(session);
      return chooseFromList(session);
    }),
    log,
  );
  const tree = treeOf(app);
  const targets = new Map<ServerName, SftpTarget>();
  for (const server of SERVERS) {
    const port = portOf(app, getSftpServerToken(server));
    targets.set(server, {
      ...(await writeKnownHosts(at('host-keys'), at(`known-hosts-of-${server}`), HOST, port)),
      host: HOST,
      port,
      username: 'owner',
      keyFile: key.file,
      home: at('owner'),
      storage: new BackendProbe(tree),
      stop: async () => {
        await app.close();
        await directory.remove();
      },
    });
  }
  const as = (username: string, server: ServerName = 'by-function'): SftpTarget => ({
    ...targets.get(server)!,
    username,
    home: at(username),
  });
  return {
    target: as('owner'),
    asked,
    errors: log.lines,
    folder: at('folder'),
    as,
    empty: () => emptyDirectory(tree, ROOT_PATH),
  };
}

function applicationMetadata(
  folder: string,
  hostKeys: string,
  authorizedKey: string,
  choose: BackendOption,
): { imports: DynamicModule[]; providers: NonNullable<DynamicModule['providers']> } {
  const passwords = ALL_USERS.map((username) => ({
    username,
    password: username,
    authorizedKeys: [authorizedKey],
    ...(username in WITH_ATTRIBUTE && { attributes: { storage: WITH_ATTRIBUTE[username] } }),
  }));
  const server = (name: ServerName, backend: BackendOption): DynamicModule =>
    SftpModule.forRoot({
      name,
      host: HOST,
      port: 0,
      hostKeys: { directory: hostKeys },
      auth: { passwords },
      imports: [TenantsModule],
      backend,
    });
  return {
    imports: [
      server('by-function', choose),
      server('by-attribute', { sessionAttribute: 'storage' }),
      server('by-resolver', { useResolver: TenantStorage }),
    ],
    providers: [
      FilesBackend,
      InboxBackend,
      { provide: ArchiveBackend, useFactory: () => new ArchiveBackend({ root: folder }) },
    ],
  };
}

/** What is stored, as nobody sees it who has logged in: past every choice. */
function treeOf(app: INestApplicationContext): RandomAccessBackend {
  return mountTree([
    { path: ROOT_PATH, backend: app.get(FilesBackend) },
    { path: INBOX, backend: app.get(InboxBackend) },
    { path: ARCHIVE, backend: app.get(ArchiveBackend) },
  ]);
}

async function emptyDirectory(tree: RandomAccessBackend, directory: SftpPath): Promise<void> {
  const names: string[] = [];
  for await (const { name } of await tree.listDir(directory, NOBODY)) names.push(name);
  for (const name of names) {
    const path = childPath(directory, name);
    const { type } = await tree.linkInfo!(path, NOBODY);
    if (type !== 'directory') {
      await tree.delete(path, NOBODY);
      continue;
    }
    await emptyDirectory(tree, path);
    if (path !== INBOX && path !== ARCHIVE) await tree.delDir(path, NOBODY);
  }
}

const NOBODY: SftpSession = {
  id: 'nobody',
  username: 'nobody',
  peer: { address: HOST, port: 0, ident: 'none' },
  attributes: {},
};

class ErrorLines implements LoggerService {
  readonly lines: string[] = [];
  log(): void {}
  warn(): void {}
  error(message: unknown): void {
    this.lines.push(String(message));
  }
}
