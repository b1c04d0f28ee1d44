import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type INestApplicationContext, Injectable, Scope, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  ClientsModule,
  Transport,
} from '@nestjs/microservices';
import {
  normalizePath,
  type RandomAccessBackend,
  type SftpBackend,
  SftpModule,
  type SftpSession,
} from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { SftpBackendClient, SftpBackendController } from 'nestjs-sftpd/microservices';
import { killChildren } from '../smoke/child.js';
import { logIn } from '../server/support/log-in.js';
import { optionsWithout, portOf, startApp, startError } from '../server/support/nest-app.js';
import { putFile } from '../support/raw-files.js';
import { close, open, realpath, stat, write } from '../support/raw-requests.js';
import { outcomeOf } from '../support/raw-sftp-client.js';
import { FXF } from '../support/raw-wire.js';
import { BackendService } from './support/backend-service.js';

jest.setTimeout(30_000);

const ROOT = normalizePath('/');
const SESSION: SftpSession = {
  id: 'session-1',
  username: 'anna',
  peer: { address: '192.0.2.1', port: 50022, ident: 'OpenSSH_9.2' },
  attributes: { tenant: 'north', rules: { '/': ['list', 'read'] }, quota: 2 ** 40, guest: false },
};

let endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.reverse()) await end();
  endings = [];
  await killChildren();
});

async function startService(
  options: Parameters<typeof BackendService.start>[0] = {},
): Promise<{ service: BackendService; proxy: ClientProxy }> {
  const service = await BackendService.start(options);
  const proxy = service.proxy();
  endings.push(
    () => service.disconnect(),
    () => proxy.close(),
  );
  return { service, proxy };
}

/** An application whose SFTP server stores at the other side of a port, written as the guide says. */
async function startServer(port: number, timeout = 25_000): Promise<INestApplicationContext> {
  const { hostKeys, auth } = optionsWithout('backend');
  const app = await startApp({
    imports: [
      SftpModule.forRootAsync({
        imports: [
          ClientsModule.register([
            { name: 'FILES', transport: Transport.TCP, options: { host: '127.0.0.1', port } },
          ]),
        ],
        backend: {
          inject: ['FILES'],
          useFactory: (files: ClientProxy) => new SftpBackendClient(files, { timeout }),
        },
        useFactory: () => ({ host: '127.0.0.1', port: 0, hostKeys, auth: auth! }),
      }),
    ],
  });
  endings.push(() => app.close());
  return app;
}

async function namesOf(backend: SftpBackend): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await backend.listDir(ROOT, SESSION)) names.push(name);
  return names;
}

describe('the session', () => {
  it('arrives at the remote backend as it is', async () => {
    const { service, proxy } = await startService();
    await new SftpBackendClient(proxy).fileInfo(ROOT, SESSION);
    expect((await service.state()).session).toStrictEqual(SESSION);
  });

  it('is that of the user who has logged in', async () => {
    const { service } = await startService();
    const app = await startServer(service.port);
    const connection = await logIn({ port: portOf(app) });
    const sftp = await connection.channel();
    await sftp.init();
    await sftp.handle(open('/new', FXF.WRITE | FXF.CREAT));
    expect((await service.state()).session).toMatchObject({
      username: 'dev',
      peer: { address: '127.0.0.1', ident: expect.stringMatching(/ssh2/) },
    });
    await connection.end();
  });
});

describe('one process with two backends', () => {
  it('serves each under its own pattern', async () => {
    const { proxy } = await startService();
    const first = new SftpBackendClient(proxy);
    const second = new SftpBackendClient(proxy, { pattern: 'second' });
    await first.makeDir(normalizePath('/of-the-first'), {}, SESSION);
    await second.makeDir(normalizePath('/of-the-second'), {}, SESSION);
    expect(await namesOf(first)).toEqual(['of-the-first']);
    expect(await namesOf(second)).toEqual(['of-the-second']);
  });

  it('does not start with one pattern for both', async () => {
    const message = await startError({
      providers: [MemoryBackend, { provide: 'OTHER', useFactory: () => new MemoryBackend() }],
      controllers: [SftpBackendController(MemoryBackend), SftpBackendController('OTHER')],
    }).catch((error: unknown) => String(error));
    expect(message).toContain("2 controllers serve the pattern 'sftp-backend'");
  });
});

describe('the start of an application', () => {
  it('fails clearly while the other side is down', async () => {
    const { service } = await startService();
    const { port } = service;
    await service.kill();
    await expect(startServer(port)).rejects.toThrow(
      /sftp-backend\.describe: connect ECONNREFUSED .*SftpBackendController/,
    );
  });

  it('fails clearly when the other side serves no such pattern', async () => {
    const { proxy } = await startService();
    await expect(new SftpBackendClient(proxy, { pattern: 'third' }).connect()).rejects.toThrow(
      /third\.describe: There is no matching message handler/,
    );
  });

  it('needs no other side where the capabilities are given, and it may come later', async () => {
    const { service, proxy } = await startService();
    const { port } = service;
    await service.kill();
    const client = new SftpBackendClient(proxy, { capabilities: ['readLink'] });
    await client.onModuleInit();
    await expect(client.fileInfo(ROOT, SESSION)).rejects.toMatchObject({ code: 'EIO' });
    await startService({ port });
    expect(await client.fileInfo(ROOT, SESSION)).toMatchObject({ type: 'directory' });
  });
});

describe('a backend that is stopped', () => {
  it('costs calls their time limit, and other requests nothing', async () => {
    const { service } = await startService();
    const app = await startServer(service.port, 400);
    const connection = await logIn({ port: portOf(app) });
    const sftp = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/file', 'content');
    const handle = await sftp.handle(open('/up', FXF.WRITE | FXF.CREAT | FXF.TRUNC));

    service.process.kill('SIGSTOP');
    const order: string[] = [];
    const slow = sftp.request(stat('/file')).then((reply) => {
      order.push('stat');
      return outcomeOf(reply);
    });
    const lost = sftp.request(write(handle, 0, 'lost')).then(outcomeOf);
    await sftp.request(realpath('.')).then(() => order.push('realpath'));
    expect(await slow).toBe('FAILURE');
    expect(await lost).toBe('FAILURE');
    expect(order).toEqual(['realpath', 'stat']);

    service.process.kill('SIGCONT');
    expect(outcomeOf(await sftp.request(close(handle)))).toBe('FAILURE');
    expect(outcomeOf(await sftp.request(stat('/file')))).toBe('ATTRS');
    await connection.end();
  });
});

describe('what an SFTP server that is gone has left open', () => {
  it('is aborted after its lease', async () => {
    const { service, proxy } = await startService({ leaseTime: 1000 });
    const gone = new SftpBackendClient(proxy);
    const upload = { read: false, write: true, append: false, create: true, truncate: true };
    const file = await gone.openFile(
      normalizePath('/up'),
      { ...upload, exclusive: false },
      SESSION,
    );
    await file.write(Buffer.from('part'), 0);
    expect(await service.state()).toMatchObject({ open: 1, ends: [] });
    // It renews nothing from here on, as if it had been killed.
    gone.onApplicationShutdown();
    await service.process.output(/Ended by abort: \/up/);
    expect(await service.state()).toMatchObject({ open: 0, ends: ['abort'] });
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
  });
});

describe('a backend that Nest cannot share', () => {
  it('is refused when it is request-scoped, message by message', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped extends MemoryBackend {}
    const port = await serve(Scoped);
    const proxy = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port },
    });
    endings.push(() => proxy.close());
    const client: RandomAccessBackend = new SftpBackendClient(proxy);
    await expect(client.fileInfo(ROOT, SESSION)).rejects.toMatchObject({ code: 'EIO' });
  });

  async function serve(backend: Type<SftpBackend>): Promise<number> {
    class FilesModule {}
    const service = await NestFactory.createMicroservice(
      {
        module: FilesModule,
        providers: [backend],
        controllers: [SftpBackendController(backend)],
      },
      { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 }, logger: false },
    );
    endings.push(() => service.close());
    await service.listen();
    const server = service.unwrap<{ address(): { port: number } }>();
    return server.address().port;
  }
});
