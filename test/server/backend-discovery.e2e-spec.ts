import {
  Controller,
  forwardRef,
  Global,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  type Provider,
  Scope,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type BackendSources,
  getSftpBackendToken,
  getSftpServerToken,
  InjectSftpBackend,
  normalizePath,
  SFTP_BACKEND,
  SftpBackend,
  SftpBackendRegistry,
  SftpModule,
  type SftpModuleOptions,
  SftpServer,
} from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { listAll, putFile } from '../support/raw-files.js';
import { logIn, serveOne } from './support/log-in.js';
import {
  closeApps,
  optionsWithout,
  portOf,
  startApp,
  startError,
  testOptions,
} from './support/nest-app.js';

const calls: string[] = [];
const HOOKS_ONCE = ['init', 'bootstrap', 'destroy', 'before shutdown', 'shutdown'];

class Hooked extends MemoryBackend {
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

@SftpBackend()
class RootBackend extends Hooked {}

@SftpBackend({ name: 'archive', mount: '/archive' })
class ArchiveBackend extends Hooked {}

@SftpBackend({ name: 'vault' })
class VaultBackend extends MemoryBackend {}

beforeEach(() => {
  calls.length = 0;
});
afterEach(closeApps);

const server = (options: Partial<SftpModuleOptions> = {}) =>
  SftpModule.forRoot({ ...optionsWithout('backend'), ...options });

/** Names in the root of the server's tree, as a client sees them. */
async function namesSeen(port: number, path = '/'): Promise<string[]> {
  const connection = await logIn({ port });
  const sftp = await connection.channel();
  await sftp.init();
  const entries = await listAll(sftp, path);
  await connection.end();
  return entries.map(({ filename }) => filename).filter((name) => !/^\.+$/.test(name));
}

async function refusal(metadata: ModuleMetadata, options: Partial<SftpModuleOptions> = {}) {
  return startError({ ...metadata, imports: [server(options), ...(metadata.imports ?? [])] });
}

describe('a decorated backend is found', () => {
  const kinds: Record<string, Provider> = {
    'a class': ArchiveBackend,
    'useClass under another token': { provide: 'storage', useClass: ArchiveBackend },
    'useFactory under its class': {
      provide: ArchiveBackend,
      useFactory: () => new ArchiveBackend(),
    },
    'useFactory under another token': {
      provide: 'storage',
      useFactory: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return new ArchiveBackend();
      },
    },
    useValue: { provide: 'storage', useValue: new ArchiveBackend() },
    'another class under its token': { provide: ArchiveBackend, useClass: Hooked },
  };

  @Injectable()
  class Reader {
    constructor(@InjectSftpBackend('archive') readonly archive: SftpBackend) {}
  }

  @Module({ providers: [Reader] })
  class ReaderModule {}

  describe.each(Object.entries(kinds))('provided by %s', (_title, provider) => {
    @Module({ providers: [provider] })
    class Inner {}
    @Module({ imports: [Inner] })
    class Outer {}
    @Global()
    @Module({ providers: [provider] })
    class Everywhere {}

    it.each<[string, ModuleMetadata]>([
      ['the application itself', { providers: [provider, RootBackend] }],
      ['an imported module that exports nothing', { imports: [Inner], providers: [RootBackend] }],
      ['a module of a module', { imports: [Outer], providers: [RootBackend] }],
      ['a global module', { imports: [Everywhere], providers: [RootBackend] }],
    ])('in %s, mounted, injectable anywhere as itself, its hooks called once', async (_, where) => {
      const app = await startApp({
        ...where,
        imports: [ReaderModule, server(), ...(where.imports ?? [])],
      });
      expect(await namesSeen(portOf(app))).toEqual(['archive']);
      const { archive } = app.get(Reader, { strict: false });
      const token = (provider as { provide?: string }).provide ?? ArchiveBackend;
      expect(archive).toBe(app.get(token, { strict: false }));
      expect(app.get(getSftpBackendToken('archive'), { strict: false })).toBe(archive);
      expect(app.get(SftpBackendRegistry, { strict: false }).get('archive')).toBe(archive);
      await app.close();
      expect(calls).toEqual(HOOKS_ONCE.flatMap((hook) => [hook, hook]));
    });
  });

  it('whose class is provided under its token keeps its place when a test overrides it', async () => {
    const fake = new MemoryBackend();
    const app = await startApp({
      imports: [server()],
      providers: [{ provide: RootBackend, useValue: fake }],
    });
    expect(app.get(SftpServer).backends.mounts().get(normalizePath('/'))).toBe(fake);
    await app.close();
  });

  it('can be overridden in tests: by its class with its place, by its token for who injects it', async () => {
    @Injectable()
    class Reader {
      constructor(@InjectSftpBackend('archive') readonly archive: SftpBackend) {}
    }
    const metadata = { imports: [server()], providers: [RootBackend, ArchiveBackend, Reader] };
    const [byClass, byToken] = [new MemoryBackend(), new VaultBackend()];
    const first = await Test.createTestingModule(metadata)
      .overrideProvider(ArchiveBackend)
      .useValue(byClass)
      .compile();
    await first.init();
    expect(first.get(Reader).archive).toBe(byClass);
    expect(first.get(SftpBackendRegistry).mounts().get(normalizePath('/archive'))).toBe(byClass);
    await first.close();

    const second = await Test.createTestingModule(metadata)
      .overrideProvider(getSftpBackendToken('archive'))
      .useValue(byToken)
      .compile();
    await second.init();
    expect(second.get(Reader).archive).toBe(byToken);
    expect(second.get(SftpBackendRegistry).get('archive')).toBe(second.get(ArchiveBackend));
    expect(second.get(SftpBackendRegistry).names().has('vault')).toBe(false);
    await second.close();
  });

  it('a factory that gives nothing has decided against it', async () => {
    const app = await startApp({
      imports: [server()],
      providers: [RootBackend, { provide: ArchiveBackend, useFactory: () => undefined }],
    });
    expect(await namesSeen(portOf(app))).toEqual([]);
    await app.close();
  });

  it('by its own decorator alone: a subclass is no backend unless it is decorated', async () => {
    class Sub extends ArchiveBackend {}
    @SftpBackend({ name: 'own' })
    class Own extends ArchiveBackend {}
    const app = await startApp({ imports: [server()], providers: [RootBackend, Sub, Own] });
    const { backends } = app.get(SftpServer);
    expect([...backends.names().keys()]).toEqual(['own']);
    expect([...backends.mounts().keys()]).toEqual(['/']);
    expect(() => backends.get('archive')).toThrow(
      /no SftpBackend named "archive"; known are "own"/,
    );
    await app.close();
  });

  it('a name alone is no place in the tree', async () => {
    const app = await startApp({ imports: [server()], providers: [RootBackend, VaultBackend] });
    expect(await namesSeen(portOf(app))).toEqual([]);
    expect(app.get(SftpBackendRegistry).get('vault')).toBe(app.get(VaultBackend));
    await app.close();
  });

  it('a tree needs nothing at "/" when something is mounted', async () => {
    const app = await startApp({ imports: [server()], providers: [ArchiveBackend] });
    expect(await namesSeen(portOf(app))).toEqual(['archive']);
    await app.close();
  });

  it('the decorator keeps a scope that @Injectable has given', async () => {
    @SftpBackend()
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest extends MemoryBackend {}
    expect(await refusal({ providers: [PerRequest] })).toMatch(/PerRequest of .*singleton/);
  });

  it('used without a call it says how to write it', () => {
    expect(() => (SftpBackend as unknown as (target: object) => void)(class {})).toThrow(
      'Write @SftpBackend() instead of @SftpBackend',
    );
  });
});

describe('@InjectSftpBackend', () => {
  it('without a name gives the backend at "/", in every module', async () => {
    @Injectable()
    class Reader {
      @InjectSftpBackend() readonly property!: SftpBackend;
      constructor(@InjectSftpBackend() readonly parameter: SftpBackend) {}
    }
    @Module({ providers: [Reader] })
    class Elsewhere {}
    const instance = new MemoryBackend();
    const ways: [BackendSources, Provider[]][] = [
      [{}, [RootBackend]],
      [{ backend: { useFactory: () => instance } }, []],
      [{ backend: 'vault' }, [VaultBackend]],
      [{ mounts: { '/': instance } }, []],
      [{ mounts: { '/': 'vault' } }, [VaultBackend]],
    ];
    for (const [options, providers] of ways) {
      for (const module of [
        server(options),
        SftpModule.forRootAsync({
          ...options,
          useFactory: () => optionsWithout('backend'),
        }),
        ...('backend' in options && typeof options.backend === 'object'
          ? []
          : [
              SftpModule.forRootAsync({
                useFactory: () => ({ ...optionsWithout('backend'), ...options }),
              }),
            ]),
      ]) {
        const app = await startApp({
          imports: [Elsewhere, module],
          providers: [Reader, ...providers],
        });
        const expected = app
          .get(SftpServer, { strict: false })
          .backends.mounts()
          .get(normalizePath('/'));
        expect(expected).toBeDefined();
        for (const reader of app.get(Reader, { strict: false, each: true })) {
          expect(reader.parameter).toBe(expected);
          expect(reader.property).toBe(expected);
        }
        await app.close();
      }
    }
  });

  it('injects into factories, controllers and backends, and orders their hooks', async () => {
    const order: string[] = [];
    @SftpBackend({ name: 'first' })
    class First extends MemoryBackend {
      onModuleInit(): void {
        order.push('first');
      }
    }
    @SftpBackend()
    class Second extends MemoryBackend {
      constructor(@InjectSftpBackend('first') readonly first: SftpBackend) {
        super();
      }
      onModuleInit(): void {
        order.push('second');
      }
    }
    @Controller()
    class Shelf {
      constructor(@InjectSftpBackend('first') readonly first: SftpBackend) {}
    }
    const made = {
      provide: 'made',
      inject: [getSftpBackendToken('first')],
      useFactory: (first: SftpBackend) => ({ first }),
    };
    const app = await startApp({
      imports: [server()],
      controllers: [Shelf],
      providers: [
        Second,
        First,
        made,
        { provide: 'alias', useExisting: getSftpBackendToken('first') },
      ],
    });
    const first = app.get(First);
    expect(app.get(Second).first).toBe(first);
    expect(app.get(Shelf).first).toBe(first);
    expect(app.get<{ first: unknown }>('made').first).toBe(first);
    expect(app.get('alias')).toBe(first);
    expect(order).toEqual(['first', 'second']);
    await app.close();
  });

  it('waits for one that an asynchronous factory makes under a token of its own', async () => {
    @Injectable()
    class Reader {
      constructor(@InjectSftpBackend('archive') readonly archive: SftpBackend) {}
    }
    const slow = {
      provide: 'slow',
      useFactory: () => new Promise((resolve) => setTimeout(resolve, 120, new ArchiveBackend())),
    };
    // It waits for the reader: that must not keep the reader from being served.
    const dependant = { provide: 'dependant', inject: [Reader], useFactory: (one: Reader) => one };
    const app = await startApp({ imports: [server()], providers: [dependant, Reader, slow] });
    expect(app.get(Reader).archive).toBe(app.get('slow'));
    await app.close();
  });

  it('of a name that nobody has is an error at the start which names who injects it', async () => {
    @Injectable()
    class Lost {
      constructor(@InjectSftpBackend('nowhere') readonly backend: SftpBackend) {}
    }
    @Module({ providers: [Lost] })
    class LostModule {}
    expect(await refusal({ imports: [LostModule], providers: [RootBackend] })).toBe(
      'SftpModule cannot start:\n  - Lost of LostModule: injects the backend "nowhere", but no provider has that ' +
        "name. Decorate one with @SftpBackend({ name: 'nowhere' }), or give it in the option backends: " +
        "{ 'nowhere': ... }",
    );
    // The name is known to this process, and means nothing to applications that do not use it.
    const app = await startApp({ imports: [server()], providers: [RootBackend] });
    await app.close();
  });

  it('without a name, where nothing is at "/", is an error which names who injects it', async () => {
    @Injectable()
    class Lost {
      constructor(@InjectSftpBackend() readonly backend: SftpBackend) {}
    }
    @Module({ providers: [Lost] })
    class LostModule {}
    const expected = /Lost of \w+: injects the backend at "\/", but nothing stands there/;
    expect(await refusal({ imports: [LostModule], providers: [ArchiveBackend] })).toMatch(expected);
    expect(await refusal({ providers: [Lost, ArchiveBackend] })).toMatch(expected);
  });

  it('a circle is an error and not a hang', async () => {
    @Injectable()
    class Reader {
      constructor(@InjectSftpBackend('circle') readonly backend: SftpBackend) {}
    }
    @SftpBackend({ name: 'circle' })
    class Circle extends MemoryBackend {
      constructor(readonly reader: Reader) {
        super();
      }
    }
    const byFactory = {
      provide: 'hidden',
      inject: [Reader],
      useFactory: (reader: Reader) => new Circle(reader),
    };
    expect(await refusal({ providers: [Reader, Circle] })).toMatch(/circular/i);
    expect(await refusal({ providers: [Circle, Reader] })).toMatch(/circular/i);
    expect(await refusal({ providers: [Reader, byFactory, RootBackend] })).toMatch(
      /Reader of \w+: injects the backend "circle"/,
    );
  });

  it('of a backend that is no singleton is an error which names both', async () => {
    @SftpBackend({ name: 'scoped' })
    @Injectable({ scope: Scope.TRANSIENT })
    class Scoped extends MemoryBackend {}
    @Injectable()
    class Reader {
      constructor(@InjectSftpBackend('scoped') readonly backend: SftpBackend) {}
    }
    expect(await refusal({ providers: [RootBackend, Scoped, Reader] })).toMatch(
      /Reader of \w+: injects the backend "scoped", but Scoped of \w+ is not a singleton/,
    );
  });
});

describe('what is wrong with decorated backends is told at the start, all at once', () => {
  @SftpBackend({ mount: '/archive' })
  class OtherArchive extends MemoryBackend {}

  it('two claims to one mount', async () => {
    expect(await refusal({ providers: [ArchiveBackend, OtherArchive] })).toMatch(
      /mount "\/archive": is claimed by ArchiveBackend of \w+ \(@SftpBackend\) and by OtherArchive of \w+ .*Keep one/,
    );
    expect(
      await refusal(
        { providers: [ArchiveBackend] },
        { mounts: { '/archive': new MemoryBackend() } },
      ),
    ).toMatch(
      /mount "\/archive": is claimed by the option mounts\["\/archive"\] \(MemoryBackend\) and by ArchiveBackend of \w+ .*discover: false/,
    );
    expect(await refusal({ providers: [RootBackend] }, { backend: new MemoryBackend() })).toMatch(
      /mount "\/": is claimed by the option backend \(MemoryBackend\) and by RootBackend of/,
    );
  });

  it('the same instance claimed twice is no conflict', async () => {
    const app = await startApp({
      imports: [server({ mounts: { '/archive': 'archive', '/': 'vault' } })],
      providers: [ArchiveBackend, VaultBackend],
    });
    await serveOne(portOf(app));
    await app.close();
  });

  it('one class provided by two modules is two backends', async () => {
    @Module({ providers: [ArchiveBackend] })
    class One {}
    @Module({ providers: [ArchiveBackend] })
    class Two {}
    expect(await refusal({ imports: [One, Two] })).toMatch(
      /name "archive": is claimed by ArchiveBackend of One .* and by ArchiveBackend of Two/,
    );
  });

  it('a class without the contract, wrong options, a scope, and an unknown name, each by its class', async () => {
    @SftpBackend({ mount: '/half' })
    class Half {
      listDir(): [] {
        return [];
      }
    }
    @SftpBackend({ mount: 'relative/', nmae: 'x' } as object)
    class Misspelt extends MemoryBackend {}
    @SftpBackend({ name: 5 as never })
    class Numbered extends MemoryBackend {}
    @Injectable({ scope: Scope.REQUEST })
    class Request {}
    @SftpBackend({ mount: '/scoped' })
    class Scoped extends MemoryBackend {
      constructor(@Inject(forwardRef(() => Request)) readonly request: Request) {
        super();
      }
    }
    const message = await refusal(
      { providers: [Half, Misspelt, Numbered, Request, Scoped] },
      { mounts: { '/x': 'unknown' }, backend: 'missing' },
    );
    const problems = message.split('\n  - ').slice(1);
    for (const expected of [
      /^Half of \w+: Half is no SftpBackend; it lacks fileInfo, .*a way to read/,
      /^Misspelt of \w+: nmae is no option of @SftpBackend\(\)\. Known are name and mount/,
      /^Misspelt of \w+: the mount in @SftpBackend\(\) must be an absolute path.*"\/relative"/,
      /^Numbered of \w+: the name in @SftpBackend\(\) must be a text/,
      /^Scoped of \w+: a backend must be a singleton/,
      /^mounts\["\/x"\]: there is no SftpBackend named "unknown"/,
      /^backend: there is no SftpBackend named "missing"/,
    ]) {
      expect(problems).toContainEqual(expect.stringMatching(expected));
    }
    expect(problems).toHaveLength(7);
  });

  it('no backend at all', async () => {
    expect(await refusal({})).toMatch(/backend: is missing. Give/);
    expect(await refusal({ providers: [VaultBackend] })).toMatch(/backend: is missing. Give/);
    expect(await refusal({ providers: [RootBackend] }, { discover: false })).toMatch(
      /backend: is missing. Give/,
    );
    expect(await refusal({}, { port: -1 })).toMatch(/backend: is missing.*\n.*port: must be/);
    expect(await refusal({ providers: [RootBackend] }, { port: -1 })).not.toMatch(/missing/);
  });
});

describe('several servers in one application', () => {
  it('take the decorated backends both, or not with discover: false, and use the same instances', async () => {
    const app = await startApp({
      imports: [
        SftpModule.forRoot({ ...optionsWithout('backend'), name: 'a' }),
        SftpModule.forRoot({
          ...testOptions({ discover: false, mounts: { '/old': 'archive' } }),
          name: 'b',
        }),
        SftpModule.forRoot({ ...optionsWithout('backend'), name: 'c' }),
      ],
      providers: [RootBackend, ArchiveBackend],
    });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => portOf(app, getSftpServerToken(name)));
    const connection = await logIn({ port: a! });
    const sftp = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/archive/there', 'x');
    await connection.end();
    expect(await namesSeen(a!)).toEqual(['archive']);
    expect(await namesSeen(b!)).toEqual(['old']);
    expect(await namesSeen(c!)).toEqual(['archive']);
    expect(await namesSeen(b!, '/old')).toEqual(['there']);
    await app.close();
    expect(calls).toEqual(HOOKS_ONCE.flatMap((hook) => [hook, hook]));
  });

  it('leave a module that imports none of them without a backend at "/" to inject', async () => {
    @Injectable()
    class Reader {
      constructor(@Inject(SFTP_BACKEND) readonly backend: SftpBackend) {}
    }
    @Module({ providers: [Reader] })
    class Elsewhere {}
    const imports = [
      SftpModule.forRoot({ ...testOptions(), name: 'a' }),
      SftpModule.forRoot({ ...testOptions(), name: 'b' }),
    ];
    expect(await startError({ imports: [...imports, Elsewhere] })).toMatch(
      /Reader of Elsewhere: injects the backend at "\/", but there are several/,
    );
    const app = await startApp({ imports });
    await app.close();
  });
});

describe('an application that is made anew from the same modules', () => {
  @SftpBackend()
  class Fresh extends MemoryBackend {}
  @Injectable()
  class Reader {
    constructor(@InjectSftpBackend() readonly backend: SftpBackend) {}
  }
  const imports = [server()];

  it('has its own backends each time, also side by side', async () => {
    const apps = await Promise.all(
      [1, 2].map(() => startApp({ imports, providers: [Fresh, Reader] })),
    );
    for (const app of apps) expect(app.get(Reader).backend).toBe(app.get(Fresh));
    expect(apps[0]!.get(Fresh)).not.toBe(apps[1]!.get(Fresh));
    await Promise.all(apps.map((app) => app.close()));
    const again = await startApp({ imports, providers: [Fresh, Reader] });
    expect(again.get(Reader).backend).toBe(again.get(Fresh));
    await serveOne(portOf(again));
    await again.close();
  });
});
