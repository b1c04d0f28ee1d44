import { networkInterfaces } from 'node:os';

import { Global, Inject, Injectable, Module } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import {
  getSftpServerToken,
  SftpModule,
  type SftpModuleOptions,
  type SftpModuleOptionsFactory,
  SftpServer,
} from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { exists, putFile } from '../support/raw-files.js';
import { logIn, serveOne, tryLogIn } from './support/log-in.js';
import { optionsWithout, portOf, startApp, startError, testOptions } from './support/nest-app.js';
import { isListening } from './support/tcp-peer.js';

const NAME = 'storage-name';

@Injectable()
class NamedBackend extends MemoryBackend {
  constructor(@Inject(NAME) readonly name: string) {
    super();
  }
}

@Injectable()
class OnlyCarla {
  authenticatePassword(username: string): boolean {
    return username === 'carla';
  }
}

@Injectable()
class MadeOptions implements SftpModuleOptionsFactory {
  createSftpModuleOptions(): SftpModuleOptions {
    return testOptions();
  }
}

@Global()
@Module({
  providers: [{ provide: NAME, useValue: 'the shed' }, NamedBackend, OnlyCarla, MadeOptions],
  exports: [NAME, NamedBackend, OnlyCarla, MadeOptions],
})
class StorageModule {}

/** Starts, serves one client, stops. */
async function works(imports: Parameters<typeof startApp>[0]['imports']): Promise<void> {
  const app = await startApp({ imports: imports ?? [] });
  await serveOne(portOf(app));
  await app.close();
}

describe('the ways to give options', () => {
  it('forRoot', () => works([SftpModule.forRoot(testOptions())]));

  it('forRootAsync with useFactory, inject and imports', async () => {
    @Module({ providers: [{ provide: 'port', useValue: 0 }], exports: ['port'] })
    class Settings {}
    await works([
      SftpModule.forRootAsync({
        imports: [Settings],
        inject: ['port'],
        useFactory: async (port: number) => testOptions({ port }),
      }),
    ]);
  });

  it('forRootAsync with useClass', () =>
    works([SftpModule.forRootAsync({ useClass: MadeOptions })]));

  it('forRootAsync with useExisting', () =>
    works([SftpModule.forRootAsync({ imports: [StorageModule], useExisting: MadeOptions })]));

  it('forRootAsync without any is refused', () => {
    expect(() => SftpModule.forRootAsync({})).toThrow(/useFactory, useClass and useExisting/);
  });
});

describe('the ways to give a backend and an authenticator', () => {
  const bare = (): SftpModuleOptions => optionsWithout('auth', 'backend');
  const { auth } = testOptions();
  const imports = [StorageModule];
  const backends = {
    'a class': NamedBackend,
    useClass: { useClass: NamedBackend },
    useExisting: { useExisting: NamedBackend },
    useFactory: { inject: [NAME], useFactory: (name: string) => new NamedBackend(name) },
    'an instance': new NamedBackend('the shed'),
    useValue: { useValue: new NamedBackend('the shed') },
  };

  it.each(Object.entries(backends))('the backend as %s, static', async (_title, backend) => {
    for (const module of [
      SftpModule.forRoot({ ...testOptions({ backend }), imports }),
      SftpModule.forRootAsync({
        imports,
        backend,
        useFactory: () => ({ ...bare(), ...(auth && { auth }) }),
      }),
    ]) {
      const app = await startApp({ imports: [module] });
      await serveOne(portOf(app));
      await app.close();
    }
  });

  it.each(['a class', 'useClass', 'an instance', 'useValue'] as const)(
    'the backend as %s in made options',
    (title) =>
      works([
        SftpModule.forRootAsync({
          imports,
          useFactory: () => testOptions({ backend: backends[title] }),
        }),
      ]),
  );

  it.each(['useExisting', 'useFactory'] as const)(
    'the backend as %s in made options is refused with the way to do it',
    async (title) => {
      const module = SftpModule.forRootAsync({
        imports,
        useFactory: () => testOptions({ backend: backends[title] }),
      });
      expect(await startError({ imports: [module] })).toMatch(
        /useFactory and useExisting.*forRootAsync/,
      );
    },
  );

  it.each([
    ['a class', OnlyCarla],
    ['useExisting', { useExisting: OnlyCarla }],
    ['useFactory', { useFactory: () => new OnlyCarla() }],
    ['an instance', new OnlyCarla()],
  ])('the authenticator as %s', async (title, source) => {
    const modules = [
      SftpModule.forRoot({ ...testOptions({ auth: source }), imports }),
      SftpModule.forRootAsync({
        imports,
        auth: source,
        backend: new MemoryBackend(),
        useFactory: bare,
      }),
      ...(title.startsWith('use')
        ? []
        : [SftpModule.forRootAsync({ imports, useFactory: () => testOptions({ auth: source }) })]),
    ];
    for (const module of modules) {
      const app = await startApp({ imports: [module] });
      const port = portOf(app);
      expect(await tryLogIn({ port, username: 'carla', password: 'any' })).toBe('logged in');
      expect(await tryLogIn({ port, username: 'dev', password: 'dev' })).not.toBe('logged in');
      await app.close();
    }
  });

  it('a useExisting backend is the very provider of the application', async () => {
    const app = await startApp({
      imports: [
        SftpModule.forRoot({
          ...testOptions({ backend: { useExisting: NamedBackend } }),
          imports,
        }),
      ],
    });
    const connection = await logIn({ port: portOf(app) });
    const sftp = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/there', 'x');
    const backend = app.get(NamedBackend, { strict: false });
    expect(backend.name).toBe('the shed');
    expect([...backend.listDir('/' as never)].map(({ name }) => name)).toEqual(['there']);
    await connection.end();
    await app.close();
  });
});

describe('start and stop', () => {
  it('a port that is asked for as 0 is told by address(), before and after it is null', async () => {
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions())] });
    const server = app.get(SftpServer);
    const address = server.address();
    expect(address).toMatchObject({ address: '127.0.0.1', family: 'IPv4' });
    expect(address?.port).toBeGreaterThan(0);
    await app.close();
    expect(server.address()).toBeNull();
    expect(await isListening(address?.port ?? 0)).toBe(false);
  });

  it('address() is null while other providers initialise', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Early {
      constructor(@Inject(SftpServer) private readonly server: SftpServer) {}
      onModuleInit(): void {
        seen.push(this.server.address());
      }
    }
    const app = await startApp({
      imports: [SftpModule.forRoot(testOptions())],
      providers: [Early],
    });
    expect(seen).toEqual([null]);
    await app.close();
  });

  it('start and stop may be called twice, at once too, and app.close() twice', async () => {
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions())] });
    const server = app.get(SftpServer);
    const port = portOf(app);
    await server.start();
    expect(portOf(app)).toBe(port);
    await Promise.all([server.stop(), server.stop()]);
    expect(await isListening(port)).toBe(false);
    await Promise.all([server.start(), server.start()]);
    await serveOne(portOf(app));
    await app.close();
    await app.close();
    expect(server.address()).toBeNull();
  });

  it('stops and starts again on its port in one process', async () => {
    const first = await startApp({ imports: [SftpModule.forRoot(testOptions())] });
    const port = portOf(first);
    await first.close();
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions({ port }))] });
    for (let round = 0; round < 3; round++) {
      await serveOne(port);
      const server = app.get(SftpServer);
      await server.stop();
      await server.start();
      expect(portOf(app)).toBe(port);
    }
    await serveOne(port);
    await app.close();
  });

  it('without a host it listens on all addresses', async () => {
    const app = await startApp({ imports: [SftpModule.forRoot(optionsWithout('host'))] });
    await serveOne(portOf(app));
    await app.close();
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  );
  (hasIpv6 ? it : it.skip)('the host ::1', async () => {
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions({ host: '::1' }))] });
    const port = portOf(app);
    expect(await tryLogIn({ host: '::1', port, password: 'dev' })).toBe('logged in');
    expect(await isListening(port)).toBe(false);
    await app.close();
  });

  it('two servers in one application have their own users and storage', async () => {
    const user = (username: string): Partial<SftpModuleOptions> => ({
      auth: { passwords: [{ username, password: 'pw' }] },
      backend: new MemoryBackend(),
    });
    const app = await startApp({
      imports: [
        SftpModule.forRoot({ ...testOptions(user('ann')), name: 'a' }),
        SftpModule.forRootAsync({ name: 'b', useFactory: () => testOptions(user('bob')) }),
      ],
    });
    const a = portOf(app, getSftpServerToken('a'));
    const b = portOf(app, getSftpServerToken('b'));
    expect(a).not.toBe(b);
    expect(await tryLogIn({ port: b, username: 'ann', password: 'pw' })).not.toBe('logged in');
    const ann = await logIn({ port: a, username: 'ann', password: 'pw' });
    const bob = await logIn({ port: b, username: 'bob', password: 'pw' });
    const [annSftp, bobSftp] = [await ann.channel(), await bob.channel()];
    await annSftp.init();
    await bobSftp.init();
    await putFile(annSftp, '/of-ann', 'x');
    expect(await exists(annSftp, '/of-ann')).toBe(true);
    expect(await exists(bobSftp, '/of-ann')).toBe(false);
    await app.get<SftpServer>(getSftpServerToken('a'), { strict: false }).stop();
    await bobSftp.alive();
    await bob.end();
    await app.close();
  });
});
