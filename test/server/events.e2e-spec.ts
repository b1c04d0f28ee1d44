import { Injectable, type LoggerService, Scope } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type AuthenticationFailedEvent,
  getSftpServerToken,
  OnSftpEvent,
  type SftpEventName,
  SftpModule,
  SftpServer,
} from 'nestjs-sftpd';

import { serveOne, tryLogIn } from './support/log-in.js';
import { closeApps, portOf, startApp, startError, testOptions } from './support/nest-app.js';

const heard: { handler: string; event: AuthenticationFailedEvent }[] = [];

@Injectable()
class Listener {
  @OnSftpEvent('auth.failed')
  all(event: AuthenticationFailedEvent): void {
    heard.push({ handler: 'all', event });
  }

  @OnSftpEvent('auth.failed', { server: 'partners' })
  async ofPartners(event: AuthenticationFailedEvent): Promise<void> {
    await Promise.resolve();
    heard.push({ handler: 'of partners', event });
  }
}

@Injectable()
class Failing {
  @OnSftpEvent('auth.failed')
  rejects(): Promise<void> {
    return Promise.reject(new Error('a handler that fails'));
  }
}

@Injectable({ scope: Scope.REQUEST })
class OneForEachRequest {
  @OnSftpEvent('auth.failed')
  never(): void {
    return undefined;
  }
}

const PARTNERS = getSftpServerToken('partners');

/** Two servers, one of them with a name. */
function servers(): ReturnType<typeof SftpModule.forRoot>[] {
  return [
    SftpModule.forRoot({ ...testOptions(), name: 'partners' }),
    SftpModule.forRoot({ ...testOptions(), name: 'others' }),
  ];
}

afterEach(async () => {
  heard.length = 0;
  await closeApps();
});

describe('@OnSftpEvent', () => {
  it('calls the methods of providers with what has happened in their servers', async () => {
    const app = await startApp({ imports: servers(), providers: [Listener] });
    await tryLogIn({ port: portOf(app, PARTNERS), username: 'eve', password: 'wrong' });
    expect(heard.map(({ handler }) => handler).sort()).toEqual(['all', 'of partners']);
    expect(heard[0]?.event).toMatchObject({
      address: '127.0.0.1',
      username: 'eve',
      method: 'password',
      failures: 1,
    });
    await tryLogIn({ port: portOf(app, getSftpServerToken('others')), password: 'wrong' });
    expect(heard.map(({ handler }) => handler).sort()).toEqual(['all', 'all', 'of partners']);
  });

  it('calls a provider once, however many names and modules it has', async () => {
    const instance = new Listener();
    await startApp({
      imports: servers().slice(0, 1),
      providers: [
        { provide: Listener, useValue: instance },
        { provide: 'same', useValue: instance },
        { provide: 'alias', useExisting: Listener },
      ],
    }).then((app) => tryLogIn({ port: portOf(app, PARTNERS), password: 'wrong' }));
    expect(heard.map(({ handler }) => handler).sort()).toEqual(['all', 'of partners']);
  });

  it('logs what a handler rejects with, and serves on', async () => {
    const errors: string[] = [];
    const app = await startApp(
      { imports: servers().slice(0, 1), providers: [Failing, Listener] },
      errorsOnly(errors),
    );
    const port = portOf(app, PARTNERS);
    await tryLogIn({ port, password: 'wrong' });
    await serveOne(port);
    expect(heard.map(({ handler }) => handler)).toContain('all');
    expect(errors).toEqual(['A listener of auth.failed failed']);
  });

  it('tells a handler that cannot be called at the start', async () => {
    expect(
      await startError({ imports: servers().slice(0, 1), providers: [OneForEachRequest] }),
    ).toContain('@OnSftpEvent: OneForEachRequest is not a singleton');
  });

  it('refuses an event that there is not', () => {
    expect(() => OnSftpEvent('auth.faild' as SftpEventName)).toThrow(
      '@OnSftpEvent: there is no event "auth.faild"',
    );
  });

  it('lets whoever has the server listen too, until it does not want to any more', async () => {
    const app = await startApp({ imports: servers().slice(0, 1) });
    const server = app.get<SftpServer>(PARTNERS, { strict: false });
    const methods: string[] = [];
    const leave = server.events.on('auth.failed', ({ method }) => methods.push(method));
    await tryLogIn({ port: portOf(app, PARTNERS), password: 'wrong' });
    leave();
    await tryLogIn({ port: portOf(app, PARTNERS), password: 'wrong' });
    expect(methods).toEqual(['password']);
  });
});

function errorsOnly(lines: string[]): LoggerService {
  const ignore = (): void => undefined;
  return {
    log: ignore,
    warn: ignore,
    debug: ignore,
    error: (message: unknown) => {
      lines.push(String(message));
    },
  };
}
