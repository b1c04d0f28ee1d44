import { once } from 'node:events';
import { createServer } from 'node:net';

import { Injectable } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { SftpModule, type SftpModuleOptions, SftpServer } from 'nestjs-sftpd';

import { serveOne } from './support/log-in.js';
import { optionsWithout, portOf, startApp, startError, testOptions } from './support/nest-app.js';
import { isListening } from './support/tcp-peer.js';
import { ed25519KeyPair } from '../support/key-pair.js';

class NoBackend {}

/** The message with which a server of these options refuses to start, by either way to give them. */
async function refusal(options: unknown): Promise<string> {
  const given = options as SftpModuleOptions;
  const made = SftpModule.forRootAsync({ useFactory: () => given });
  const later = await startError({ imports: [made] });
  // What is wrong at first sight may be thrown at once.
  const atOnce = await startError({ imports: [{ module: class {}, imports: [] }] }).then(() => {
    try {
      return startError({ imports: [SftpModule.forRoot(given)] });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
  expect(atOnce).toBe(later);
  return later;
}

describe('options that cannot be used are named with the fix', () => {
  it.each([
    ['auth', /auth: is missing. Give/],
    ['backend', /backend: is missing. Give/],
    ['hostKeys', /hostKeys: is missing. Give/],
  ] as const)('%s is missing', async (name, message) => {
    expect(await refusal(optionsWithout(name))).toMatch(message);
  });

  it.each([
    ['auth', /auth: is missing/],
    ['backend', /backend: is missing/],
    ['hostKeys', /hostKeys: is missing/],
  ] as const)('%s is null', async (name, message) => {
    expect(await refusal({ ...testOptions(), [name]: null })).toMatch(message);
  });

  it('a key that is no option, at the top and below', async () => {
    expect(await refusal({ ...testOptions(), prot: 22 })).toMatch(/prot: is no option.*port/);
    expect(await refusal(testOptions({ hostKeys: { dir: 'x' } as never }))).toMatch(
      /hostKeys\.dir: is no option.*directory/,
    );
  });

  it.each([
    ['port', -1],
    ['port', 65_536],
    ['port', '22'],
    ['port', Number.NaN],
    ['maxSessions', 0],
    ['maxChannels', 1.5],
    ['loginTimeout', Infinity],
    ['drainTimeout', -1],
    ['requestTimeout', 2 ** 31],
    ['umask', 0o1000],
  ])('the number %s as %p', async (name, value) => {
    expect(await refusal({ ...testOptions(), [name]: value })).toMatch(
      new RegExp(`${name}: must be a whole number from \\d+ to \\d+`),
    );
  });

  it('all that is wrong is told at once', async () => {
    const message = await refusal({ port: -1, wrong: true });
    for (const name of ['port', 'wrong', 'auth', 'backend', 'hostKeys']) {
      expect(message).toContain(`- ${name}:`);
    }
  });

  it('a class without the methods of a backend or of an authenticator', async () => {
    expect(await refusal(testOptions({ backend: NoBackend as never }))).toMatch(
      /backend: NoBackend is no SftpBackend; it lacks listDir, .*rename/,
    );
    expect(await refusal(testOptions({ auth: NoBackend as never }))).toMatch(
      /auth: NoBackend is no SftpAuthenticator.*authenticatePassword/,
    );
  });

  it.each<unknown>(['memory', 42, Object.create(null)])(
    'something that is no backend at all: %p',
    async (backend) => {
      expect(await refusal({ ...testOptions(), backend })).toMatch(/backend: .*is no SftpBackend/);
    },
  );

  it('users that cannot be', async () => {
    expect(await refusal(testOptions({ auth: { passwords: [] } }))).toMatch(/auth\.passwords/);
    expect(await refusal(testOptions({ auth: { passwords: [{ username: 'x' }] } }))).toMatch(
      /auth\.passwords: the user "x"/,
    );
    const dear = { username: 'x', passwordHash: `$2b$31$${'a'.repeat(53)}` };
    expect(await refusal(testOptions({ auth: { passwords: [dear] } }))).toMatch(
      /auth\.passwords: the user "x": passwordHash has the bcrypt cost 31/,
    );
  });

  it('bounds of the checking of passwords that let nothing through', async () => {
    const passwords = [{ username: 'x', password: 'x' }];
    const none = { passwords, maxConcurrentHashes: 0, maxWaitingHashes: -1 };
    const message = await refusal(testOptions({ auth: none }));
    expect(message).toContain('auth.maxConcurrentHashes: must be a whole number from 1 to');
    expect(message).toContain('auth.maxWaitingHashes: must be a whole number from 0 to');
  });

  it.each([
    ['none', {}, /hostKeys: no usable host key. Give/],
    ['a file that is not there', { files: ['/nonexistent/key'] }, /nonexistent\/key.*ENOENT/],
    ['a directory that is not there', { directory: '/nonexistent' }, /hostKeys\.directory.*ENOENT/],
    ['no key', { keys: ['not a key'] }, /hostKeys\.keys\[0\]/],
    ['a public key', { keys: [ed25519KeyPair().public] }, /hostKeys\.keys\[0\] is a public key/],
  ])('host keys: %s', async (_title, hostKeys, message) => {
    expect(await refusal(testOptions({ hostKeys }))).toMatch(message);
  });
});

describe('a start that fails leaves nothing listening', () => {
  it('a port that is in use is named with the fix, and can be had once it is free', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const message = await startError({ imports: [SftpModule.forRoot(testOptions({ port }))] });
    squatter.close();
    await once(squatter, 'close');
    expect(message).toMatch(new RegExp(`port: ${port} on 127.0.0.1 is in use.*another port`));
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions({ port }))] });
    await serveOne(portOf(app));
    await app.close();
  });

  it('a host that this machine has not is named', async () => {
    expect(await refusal(testOptions({ host: '192.0.2.1' }))).toMatch(/host: 192\.0\.2\.1 is no/);
  });

  it('a start by hand that fails can be tried again', async () => {
    const probe = await startApp({ imports: [SftpModule.forRoot(testOptions())] });
    const port = portOf(probe);
    await probe.close();
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions({ port }))] });
    const server = app.get(SftpServer);
    await server.stop();
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const failed = await server.start().then(
      () => 'started',
      () => 'failed',
    );
    const addressAfterFailure = server.address();
    squatter.close();
    await once(squatter, 'close');
    expect([failed, addressAfterFailure]).toEqual(['failed', null]);
    await server.start();
    await serveOne(port);
    await app.close();
    expect(await isListening(port)).toBe(false);
  });

  it('another provider that cannot initialise is told, and the server has not listened', async () => {
    @Injectable()
    class Broken {
      onModuleInit(): void {
        throw new Error('the database is not there');
      }
    }
    const free = await startApp({ imports: [SftpModule.forRoot(testOptions())] });
    const port = portOf(free);
    await free.close();
    const message = await startError({
      imports: [SftpModule.forRoot(testOptions({ port }))],
      providers: [Broken],
    });
    expect(message).toBe('the database is not there');
    expect(await isListening(port)).toBe(false);
  });
});
