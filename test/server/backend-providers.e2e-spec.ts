import {
  Inject,
  Injectable,
  type INestApplicationContext,
  type LoggerService,
  Module,
  type ModuleMetadata,
} from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type BackendSources,
  getSftpBackendToken,
  InjectSftpBackend,
  normalizePath,
  SftpBackend,
  type SftpBackendChoice,
  type SftpBackendResolver,
  SftpModule,
  type SftpModuleOptions,
  SftpServer,
  type SftpSession,
} from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { exists, getFile, listAll, putFile } from '../support/raw-files.js';
import { mkdir, open, remove, rename, stat } from '../support/raw-requests.js';
import type { RawConnection } from '../support/raw-server.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { FXF } from '../support/raw-wire.js';
import { logIn, serveOne } from './support/log-in.js';
import {
  closeApps,
  optionsWithout,
  portOf,
  startApp,
  startError,
  testOptions,
} from './support/nest-app.js';

const HOOKS = ['init', 'bootstrap', 'destroy', 'before shutdown', 'shutdown'];
const calls: string[] = [];

@Injectable()
class Shelf extends MemoryBackend {
  onModuleInit(): void {
    calls.push('init');
  }
  onApplicationBootstrap(): void {
    calls.push('bootstrap');
  }
  onModuleDestroy(): void {
    calls.push('destroy');
  }
  beforeApplicationShutdown(): void {
    calls.push('before shutdown');
  }
  onApplicationShutdown(): void {
    calls.push('shutdown');
  }
}

/** A backend without random access: the server's strategies give it that. */
class WholeFiles {
  readonly files = new Map<string, Buffer>([['/there.txt', Buffer.from('whole')]]);
  listDir() {
    return [...this.files.keys()].map((path) => ({
      name: path.slice(1),
      info: this.fileInfo(path),
    }));
  }
  fileInfo(path: string) {
    if (path === '/') return { type: 'directory' as const, size: 0, mode: 0o755 };
    const file = this.files.get(path);
    if (!file) throw Object.assign(new Error('not there'), { code: 'ENOENT' });
    return { type: 'regular' as const, size: file.length, mode: 0o644 };
  }
  readFile(path: string) {
    return this.files.get(path) ?? Buffer.alloc(0);
  }
  writeFile(path: string, content: Uint8Array) {
    this.files.set(path, Buffer.from(content));
  }
  makeDir() {}
  delDir() {}
  delete() {}
  rename() {}
}

/** Collects what a server logs at the level of errors. */
class Errors implements LoggerService {
  readonly lines: string[] = [];
  log(): void {}
  warn(): void {}
  error(message: unknown): void {
    this.lines.push(String(message));
  }
}

interface Client {
  readonly connection: RawConnection;
  readonly sftp: RawSftpClient;
}

const USERS = ['anna', 'bob', 'carl'];

/** Options with users whose sessions have attributes. */
function manyUsers(attributes: Record<string, unknown> = {}): Partial<SftpModuleOptions> {
  return {
    auth: {
      passwords: USERS.map((username) => ({
        username,
        password: 'pw',
        ...(username in attributes && { attributes: { storage: attributes[username] } }),
      })),
    },
  };
}

async function connectAs(app: INestApplicationContext, username: string): Promise<Client> {
  const connection = await logIn({ port: portOf(app), username, password: 'pw' });
  const sftp = await connection.channel();
  await sftp.init();
  return { connection, sftp };
}

/** The names in a directory, as a client sees them. */
async function names(sftp: RawSftpClient, path = '/'): Promise<string[]> {
  const entries = await listAll(sftp, path);
  return entries
    .map(({ filename }) => filename)
    .filter((name) => !/^\.+$/.test(name))
    .sort();
}

/** Whether a session is served; its connection is ended. */
async function served(app: INestApplicationContext, username: string): Promise<boolean> {
  const connection = await logIn({ port: portOf(app), username, password: 'pw' });
  const sftp = await connection.channel();
  const answered = await sftp.init().then(
    () => true,
    () => false,
  );
  await connection.end();
  return answered;
}

beforeEach(() => {
  calls.length = 0;
});
afterEach(closeApps);

describe('the ways to provide mounted and named backends', () => {
  @Module({ providers: [{ provide: 'of settings', useValue: 'x' }], exports: ['of settings'] })
  class SettingsModule {}
  @Module({ providers: [Shelf], exports: [Shelf] })
  class StorageModule {}
  const imports = [StorageModule];
  const ways = {
    'a class': () => Shelf,
    'an instance': () => new Shelf(),
    useClass: () => ({ useClass: Shelf }),
    useValue: () => ({ useValue: new Shelf() }),
    useFactory: () => ({
      useFactory: (_: string) => new Shelf(),
      inject: ['of settings'],
      imports: [SettingsModule],
    }),
    useExisting: () => ({ useExisting: Shelf, imports }),
  };
  const others = optionsWithout('backend');

  @Injectable()
  class Reader {
    constructor(@InjectSftpBackend('shelf') readonly shelf: SftpBackend) {}
  }
  @Module({ providers: [Reader] })
  class ReaderModule {}

  describe.each(Object.entries(ways))('%s', (title, way) => {
    const modules = (sources: () => BackendSources) => ({
      forRoot: () => SftpModule.forRoot({ ...others, ...sources() }),
      'beside the factory': () =>
        SftpModule.forRootAsync({ ...sources(), useFactory: () => others }),
      ...(/Existing|Factory/.test(title)
        ? {}
        : {
            'in made options': () =>
              SftpModule.forRootAsync({ useFactory: () => ({ ...others, ...sources() }) }),
          }),
    });

    it.each(Object.entries(modules(() => ({ mounts: { '/shelf': way() } }))))(
      'as a mount, %s',
      async (_title, module) => {
        const app = await startApp({ imports: [module()] });
        const connection = await logIn({ port: portOf(app) });
        const sftp = await connection.channel();
        await sftp.init();
        await putFile(sftp, '/shelf/file', 'content');
        expect((await getFile(sftp, '/shelf/file')).toString()).toBe('content');
        await connection.end();
        await app.close();
        expect(calls).toEqual(HOOKS);
      },
    );

    it.each(
      Object.entries(modules(() => ({ backends: { shelf: way() }, mounts: { '/': 'shelf' } }))),
    )('by name, %s', async (_title, module) => {
      const app = await startApp({ imports: [ReaderModule, module()] });
      const backend = app.get(Reader, { strict: false }).shelf;
      expect(backend).toBeInstanceOf(Shelf);
      const { backends } = app.get(SftpServer, { strict: false });
      expect(backends.get('shelf')).toBe(backend);
      expect(backends.mounts().get(normalizePath('/'))).toBe(backend);
      expect(app.get(getSftpBackendToken('shelf'), { strict: false })).toBe(backend);
      await app.close();
      expect(calls).toEqual(HOOKS);
    });
  });

  it.each(['useFactory', 'useExisting'] as const)(
    '%s in made options is refused with the way to do it',
    async (title) => {
      for (const sources of [
        { mounts: { '/a': ways[title]() } },
        { backends: { a: ways[title]() } },
      ]) {
        const useFactory = () => ({ ...testOptions(), ...sources });
        expect(await startError({ imports: [SftpModule.forRootAsync({ useFactory })] })).toMatch(
          /useFactory and useExisting.*forRootAsync/,
        );
      }
    },
  );

  it('one instance in several places has its hooks called once', async () => {
    const shelf = new Shelf();
    const app = await startApp({
      imports: [
        SftpModule.forRoot(
          testOptions({
            backend: shelf,
            backends: { a: shelf },
            mounts: { '/b': { useValue: shelf } },
          }),
        ),
      ],
    });
    await app.close();
    expect(calls).toEqual(HOOKS);
  });

  it('a provider that a factory was given and returns has its hooks called once', async () => {
    const app = await startApp({
      imports: [
        SftpModule.forRootAsync({
          imports,
          inject: [Shelf],
          useFactory: (shelf: Shelf) => testOptions({ backend: shelf }),
        }),
      ],
    });
    await app.close();
    expect(calls).toEqual(HOOKS);
  });

  it('what is wrong is told at once, beside the factory as in the options', async () => {
    const wrong = { backend: 5, backends: { a: 'b' }, mounts: { x: 7, '/y': 7 } } as never;
    const messages = await Promise.all(
      [
        SftpModule.forRoot({ ...others, ...(wrong as object) }),
        SftpModule.forRootAsync({ ...(wrong as object), useFactory: () => others }),
        SftpModule.forRootAsync({ useFactory: () => ({ ...others, ...(wrong as object) }) }),
      ].map((module) => startError({ imports: [module] })),
    );
    for (const message of messages) {
      expect(
        message
          .split('\n  - ')
          .slice(1)
          .map((problem) => problem.split(':')[0]),
      ).toEqual(['backend', 'backends["a"]', 'mounts["x"]', 'mounts["/y"]']);
    }
  });

  it('two servers may give the same name to different backends; who imports none must choose', async () => {
    const options = () => ({ ...testOptions(), backends: { shelf: new MemoryBackend() } });
    const servers = [
      SftpModule.forRoot({ ...options(), name: 'a' }),
      SftpModule.forRoot({ ...options(), name: 'b' }),
    ];
    const app = await startApp({ imports: servers });
    await app.close();
    expect(await startError({ imports: [...servers, ReaderModule] })).toMatch(
      /Reader of ReaderModule: injects the backend "shelf", but there are several/,
    );
  });

  it('a backend of whole files is served through the strategies, within openFiles', async () => {
    const app = await startApp({
      imports: [
        SftpModule.forRoot(
          testOptions({ backend: new WholeFiles(), openFiles: { maxWholeFileBytes: 100 } }),
        ),
      ],
    });
    const connection = await logIn({ port: portOf(app) });
    const sftp = await connection.channel();
    await sftp.init();
    expect((await getFile(sftp, '/there.txt')).toString()).toBe('whole');
    await putFile(sftp, '/new.txt', 'small');
    expect((await getFile(sftp, '/new.txt')).toString()).toBe('small');
    await expect(putFile(sftp, '/big.txt', 'x'.repeat(101))).rejects.toThrow();
    expect(await exists(sftp, '/big.txt')).toBe(false);
    await connection.end();
    await app.close();
  });
});

describe('the session chooses', () => {
  const server = (options: Partial<SftpModuleOptions>) =>
    SftpModule.forRoot({ ...testOptions(), ...manyUsers(), ...options });

  it('by a function: a name, a backend, or a tree', async () => {
    const own = new MemoryBackend();
    const asked: string[] = [];
    const app = await startApp({
      imports: [
        server({
          backends: { shared: new MemoryBackend() },
          backend: async (session) => {
            asked.push(session.username);
            await Promise.resolve();
            if (session.username === 'anna') return 'shared';
            if (session.username === 'bob') return own;
            return { backend: 'shared', mounts: { '/own': own } };
          },
        }),
      ],
    });
    const [anna, bob, carl] = await Promise.all(USERS.map((user) => connectAs(app, user)));
    await putFile(anna!.sftp, '/of-anna', 'a');
    await putFile(bob!.sftp, '/of-bob', 'b');
    expect(await names(anna!.sftp)).toEqual(['of-anna']);
    expect(await names(bob!.sftp)).toEqual(['of-bob']);
    expect(await names(carl!.sftp)).toEqual(['of-anna', 'own']);
    expect(await names(carl!.sftp, '/own')).toEqual(['of-bob']);
    const second = await bob!.connection.channel();
    await second.init();
    expect(await names(second)).toEqual(['of-bob']);
    expect(asked.sort()).toEqual(USERS);
    await app.close();
  });

  it('by an ordinary function, in made options and beside the factory too', async () => {
    // Unlike an arrow it has a prototype, and is no class none the less.
    function choose(): SftpBackendChoice {
      return 'shared';
    }
    const backends = { shared: new MemoryBackend() };
    for (const module of [
      server({ backend: choose, backends }),
      SftpModule.forRootAsync({
        backend: choose,
        backends,
        useFactory: () => ({ ...optionsWithout('backend'), ...manyUsers() }),
      }),
      SftpModule.forRootAsync({
        useFactory: () => ({ ...testOptions(), ...manyUsers(), backend: choose, backends }),
      }),
    ]) {
      const app = await startApp({ imports: [module] });
      expect(await served(app, 'anna')).toBe(true);
      await app.close();
    }
  });

  it('by an attribute that its authenticator gave it', async () => {
    const app = await startApp({
      imports: [
        server({
          ...manyUsers({ anna: 'a', bob: { backend: 'b', readOnly: true } }),
          backends: { a: new MemoryBackend(), b: new MemoryBackend() },
          mounts: { '/': new MemoryBackend() },
          backend: { sessionAttribute: 'storage' },
        }),
      ],
    });
    const anna = await connectAs(app, 'anna');
    await putFile(anna.sftp, '/mine', 'x');
    const bob = await connectAs(app, 'bob');
    expect(await bob.sftp.outcome(mkdir('/new'))).toBe('PERMISSION_DENIED');
    expect(await served(app, 'carl')).toBe(false);
    await app.close();
  });

  it('by an injectable class, in every way to provide one', async () => {
    @Injectable()
    class Chooser implements SftpBackendResolver {
      constructor(@Inject('tenant') readonly tenant: string) {}
      resolveBackend(session: SftpSession): SftpBackendChoice {
        return { root: `/${this.tenant}-${session.username}`, createRoot: true };
      }
    }
    @Module({
      providers: [{ provide: 'tenant', useValue: 'north' }, Chooser],
      exports: ['tenant', Chooser],
    })
    class TenantModule {}
    const imports = [TenantModule];
    const sources = [
      Chooser,
      new Chooser('north'),
      { useExisting: Chooser },
      { useClass: Chooser, imports },
      { useFactory: (tenant: string) => new Chooser(tenant), inject: ['tenant'] },
    ];
    for (const useResolver of sources) {
      const storage = new MemoryBackend();
      const app = await startApp({
        imports: [
          SftpModule.forRoot({
            ...testOptions({ backend: { useResolver }, mounts: { '/': storage } }),
            ...manyUsers(),
            imports,
          }),
        ],
      });
      const { sftp } = await connectAs(app, 'anna');
      await putFile(sftp, '/file', 'x');
      expect(storage.fileInfo(normalizePath('/north-anna/file'))).toMatchObject({ size: 1 });
      await app.close();
    }
    class None {}
    expect(
      await startError({ imports: [server({ backend: { useResolver: None as never } })] }),
    ).toMatch(/backend: None is no SftpBackendResolver; it lacks resolveBackend/);
  });

  it('what is decorated and mounted is its tree, unless it names a backend', async () => {
    @SftpBackend({ mount: '/found' })
    class Found extends MemoryBackend {}
    const app = await startApp({
      imports: [
        server({
          mounts: { '/mounted': new MemoryBackend() },
          backend: ({ username }) =>
            username === 'anna'
              ? { readOnly: false }
              : username === 'bob'
                ? { mounts: { '/mounted': new MemoryBackend(), '/more': new MemoryBackend() } }
                : new MemoryBackend(),
        }),
      ],
      providers: [Found],
    });
    const [anna, bob, carl] = await Promise.all(USERS.map((user) => connectAs(app, user)));
    await putFile(anna!.sftp, '/mounted/x', 'x');
    expect(await names(anna!.sftp)).toEqual(['found', 'mounted']);
    expect(await names(bob!.sftp)).toEqual(['found', 'more', 'mounted']);
    expect(await names(bob!.sftp, '/mounted')).toEqual([]);
    expect(await names(carl!.sftp)).toEqual([]);
    await app.close();
  });

  it('a root keeps a session below it; a directory that is missing is made only when asked for', async () => {
    const storage = new MemoryBackend();
    storage.makeDir(normalizePath('/users'), {});
    storage.makeDir(normalizePath('/users/bob'), {});
    const app = await startApp({
      imports: [
        server({
          mounts: { '/': storage },
          backend: ({ username }) => ({
            root: `/users/${username}/home`.replace('/bob/home', '/bob'),
            ...(username === 'anna' && { createRoot: true }),
          }),
        }),
      ],
    });
    const anna = await connectAs(app, 'anna');
    const bob = await connectAs(app, 'bob');
    await putFile(anna.sftp, '/../../x', 'x');
    await putFile(bob.sftp, '/y', 'y');
    expect(storage.fileInfo(normalizePath('/users/anna/home/x'))).toMatchObject({ size: 1 });
    expect(await names(bob.sftp, '/..')).toEqual(['y']);
    expect(await exists(bob.sftp, '/../anna')).toBe(false);
    expect(await served(app, 'carl')).toBe(false);
    await app.close();
  });

  it('permissions and readOnly hold, by paths as the session sees them, and both together', async () => {
    const storage = new MemoryBackend();
    storage.makeDir(normalizePath('/users'), {});
    storage.makeDir(normalizePath('/users/inbox'), {});
    const permissions = { '/': ['list', 'read'], '/inbox': ['list', 'create'] } as const;
    const app = await startApp({
      imports: [
        server({
          mounts: { '/': storage },
          backend: ({ username }) => ({
            root: '/users',
            permissions,
            ...(username === 'bob' && { readOnly: true }),
          }),
        }),
      ],
    });
    const anna = await connectAs(app, 'anna');
    await putFile(anna.sftp, '/inbox/one', 'x');
    const refused = [
      mkdir('/new'),
      open('/inbox/one', FXF.READ),
      open('/inbox/one', FXF.WRITE | FXF.TRUNC | FXF.CREAT),
      remove('/inbox/one'),
      rename('/inbox/one', '/inbox/two'),
    ];
    for (const request of refused) {
      expect(await anna.sftp.outcome(request)).toBe('PERMISSION_DENIED');
    }
    const bob = await connectAs(app, 'bob');
    expect(await names(bob.sftp, '/inbox')).toEqual(['one']);
    expect(await bob.sftp.outcome(open('/inbox/new', FXF.WRITE | FXF.CREAT))).toBe(
      'PERMISSION_DENIED',
    );
    expect(await bob.sftp.outcome(stat('/inbox'))).toBe('ATTRS');
    await app.close();
  });
});

describe('a session without a usable choice is refused, and the log says why', () => {
  const nowhere = new MemoryBackend();
  const choices: [string, () => unknown, RegExp][] = [
    ['nothing', () => undefined, /nothing was chosen/],
    ['null', () => null, /nothing was chosen/],
    ['an empty name', () => '', /nothing was chosen/],
    ['an empty object', () => ({}), /what was chosen is empty/],
    ['a number', () => 5, /no name, backend or object/],
    ['a list', () => ['shared'], /no name, backend or object/],
    ['an unknown name', () => 'unknown', /no SftpBackend named "unknown"; known are "shared"/],
    ['a backend that is undefined', () => ({ backend: undefined }), /its backend is undefined/],
    ['a root that is undefined', () => ({ root: undefined }), /its root is undefined/],
    ['a root that is empty', () => ({ root: '' }), /its root must be an absolute path/],
    ['a root that climbs', () => ({ root: '/users/../..' }), /its root must be an absolute path/],
    ['a root that is not there', () => ({ root: '/none' }), /\/none is not there; createRoot/],
    [
      'a root that is a file',
      () => ({ backend: nowhere, root: '/file' }),
      /\/file is no directory/,
    ],
    ['no permissions', () => ({ permissions: {} }), /permissions must be an object with at least/],
    [
      'an unknown permission',
      () => ({ permissions: { '/': ['all'] } }),
      /a list out of list, read/,
    ],
    [
      'an unknown key',
      () => ({ readonly: true }),
      /"readonly" cannot be chosen; known are backend/,
    ],
    ['a text for readOnly', () => ({ readOnly: 'yes' }), /readOnly must be true or false/],
    ['half a backend', () => ({ listDir: () => [] }), /is no SftpBackend; it lacks fileInfo/],
    ['two roots', () => ({ backend: 'shared', mounts: { '/': 'shared' } }), /both claim '\/'/],
    [
      'a mount without a slash',
      () => ({ mounts: { inbox: 'shared' } }),
      /mounts must be an absolute/,
    ],
    ['createRoot alone', () => ({ createRoot: true }), /createRoot is given without a root/],
    [
      'a resolver that throws',
      () => {
        throw new Error('no contract for this user');
      },
      /no contract/,
    ],
    [
      'one that rejects',
      () => Promise.reject(new Error('the database is gone')),
      /database is gone/,
    ],
    ['one that never settles', () => new Promise(() => undefined), /took longer than 150 ms/],
  ];

  it.each(choices)('%s', async (_title, choose, reason) => {
    const errors = new Errors();
    const storage = new MemoryBackend();
    const file = await (nowhere.openFile as (...args: unknown[]) => unknown)(
      normalizePath('/file'),
      { read: false, write: true, append: false, create: true, truncate: false, exclusive: false },
      {},
    );
    await (file as { close(): unknown }).close();
    const app = await startApp(
      {
        imports: [
          SftpModule.forRoot({
            ...testOptions(),
            ...manyUsers(),
            openTimeout: 150,
            backends: { shared: new MemoryBackend() },
            mounts: { '/': storage },
            backend: (({ username }: SftpSession) =>
              username === 'bob' ? 'shared' : choose()) as () => SftpBackendChoice,
          }),
        ],
      },
      errors,
    );
    expect(await served(app, 'anna')).toBe(false);
    expect(errors.lines).toHaveLength(1);
    expect(errors.lines[0]).toMatch(reason);
    expect(errors.lines[0]).toMatch(/option.? backend/);
    expect(errors.lines[0]).toContain('"anna"');
    // Nobody else feels it.
    expect(await served(app, 'bob')).toBe(true);
    await app.close();
  });
});

describe('a server that stops and starts again', () => {
  it('serves its decorated, mounted and chosen backends as before', async () => {
    @SftpBackend({ mount: '/found' })
    class Found extends MemoryBackend {}
    const metadata: ModuleMetadata = {
      imports: [SftpModule.forRoot(testOptions({ mounts: { '/mounted': Shelf } }))],
      providers: [Found],
    };
    const app = await startApp(metadata);
    const server = app.get(SftpServer);
    for (let round = 0; round < 3; round++) {
      await serveOne(portOf(app));
      await server.stop();
      await server.start();
    }
    const connection = await logIn({ port: portOf(app) });
    const sftp = await connection.channel();
    await sftp.init();
    expect(await names(sftp)).toEqual(['found', 'mounted']);
    await connection.end();
    await app.close();
    expect(calls).toEqual(HOOKS);
  });
});
