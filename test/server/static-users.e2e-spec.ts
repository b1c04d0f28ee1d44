import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import type { ConnectConfig } from 'ssh2';
import { hashPassword, type PasswordUser, SftpModule, StaticUsers } from 'nestjs-sftpd';

import { tryLogIn } from './support/log-in.js';
import { closeApps, optionsWithout, portOf, startApp, testOptions } from './support/nest-app.js';

const REFUSED = 'All configured authentication methods failed';

afterEach(closeApps);

describe('log-in by password hashes', () => {
  let passwords: PasswordUser[];

  beforeAll(async () => {
    const long = 'x'.repeat(72);
    passwords = [
      { username: 'scrypt', passwordHash: await hashPassword('right') },
      { username: 'bcrypt', passwordHash: await bcrypt.hash('right', 4) },
      { username: 'long', passwordHash: await bcrypt.hash(long, 4) },
      { username: 'argon2', passwordHash: await argon2.hash('right', { memoryCost: 1024 }) },
      { username: 'plain', password: 'right' },
    ];
  });

  it('lets in whoever knows the password', async () => {
    const app = await startApp({
      imports: [SftpModule.forRoot(testOptions({ auth: { passwords } }))],
    });
    const port = portOf(app);
    const outcome = (username: string, password: string): Promise<string> =>
      tryLogIn({ port, username, password, authHandler: ['password'] });
    for (const username of ['scrypt', 'bcrypt', 'argon2', 'plain']) {
      expect([username, await outcome(username, 'right')]).toEqual([username, 'logged in']);
      expect([username, await outcome(username, 'wrong')]).toEqual([username, REFUSED]);
    }
    expect(await outcome('long', 'x'.repeat(72))).toBe('logged in');
    expect(await outcome('long', 'x'.repeat(73))).toBe(REFUSED);
    expect(await outcome('nobody', 'right')).toBe(REFUSED);
  });

  it('lets everybody in who comes at once, as long as they may wait', async () => {
    const auth = { passwords, maxConcurrentHashes: 1, maxWaitingHashes: 9 };
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions({ auth }))] });
    const config = { port: portOf(app), username: 'bcrypt', password: 'right' };
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => tryLogIn(config)));
    expect(outcomes).toEqual(Array(10).fill('logged in'));
  });
});

describe('more passwords than may wait', () => {
  it('are refused with a warning each that names the option, and are no failures of the address', async () => {
    const warnings: string[] = [];
    const errors: string[] = [];
    const passwordHash = await hashPassword('right');
    const auth = {
      passwords: [{ username: 'dev', passwordHash }],
      maxConcurrentHashes: 1,
      maxWaitingHashes: 0,
    };
    const lockout = { maxFailures: 2 };
    const app = await startApp(
      { imports: [SftpModule.forRoot(testOptions({ auth, lockout }))] },
      linesOf(warnings, errors),
    );
    const config: ConnectConfig = {
      port: portOf(app),
      password: 'right',
      authHandler: ['password'],
    };
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => tryLogIn(config)));
    const refused = outcomes.filter((outcome) => outcome === REFUSED).length;
    expect(refused).toBeGreaterThan(0);
    expect(errors).toEqual([]);
    const told = warnings.filter((line) => line.includes('(option maxWaitingHashes)'));
    expect(told).toHaveLength(refused);
    expect(await tryLogIn(config)).toBe('logged in');
  });
});

function linesOf(warnings: string[], errors: string[]): LoggerService {
  const ignore = (): void => undefined;
  return {
    log: ignore,
    debug: ignore,
    warn: (line: unknown) => warnings.push(String(line)),
    error: (line: unknown) => errors.push(String(line)),
  };
}

describe('an instance of StaticUsers', () => {
  it.each<[string, (users: StaticUsers) => Promise<INestApplicationContext>]>([
    [
      'in the options',
      (users) => startApp({ imports: [SftpModule.forRoot(testOptions({ auth: users }))] }),
    ],
    [
      'in options that a factory makes',
      (users) =>
        startApp({
          imports: [SftpModule.forRootAsync({ useFactory: () => testOptions({ auth: users }) })],
        }),
    ],
    [
      'made by a factory',
      (users) =>
        startApp({
          imports: [
            SftpModule.forRootAsync({
              auth: { useFactory: () => users },
              useFactory: () => optionsWithout('auth'),
            }),
          ],
        }),
    ],
  ])(
    'has loaded what its hashes need when the application has started: %s',
    async (_how, start) => {
      const users = new StaticUsers([{ username: 'dev', password: 'dev' }]);
      const onModuleInit = jest.spyOn(users, 'onModuleInit');
      const app = await start(users);
      expect(onModuleInit).toHaveBeenCalled();
      expect(await tryLogIn({ port: portOf(app), password: 'dev' })).toBe('logged in');
    },
  );
});
