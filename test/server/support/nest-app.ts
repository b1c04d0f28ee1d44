import type { INestApplicationContext, LoggerService, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SftpServer, type SftpModuleOptions } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { ed25519KeyPair } from '../../support/key-pair.js';

const HOST_KEY = ed25519KeyPair().private;

/** Good options of a server on a free port of the loopback interface, with some of them replaced. */
export function testOptions(replaced: Partial<SftpModuleOptions> = {}): SftpModuleOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    hostKeys: { keys: [HOST_KEY] },
    auth: { passwords: [{ username: 'dev', password: 'dev' }] },
    backend: new MemoryBackend(),
    ...replaced,
  };
}

/** Good options without some of them. */
export function optionsWithout(...left: (keyof SftpModuleOptions)[]): SftpModuleOptions {
  return Object.fromEntries(
    Object.entries(testOptions()).filter(([name]) => !(left as string[]).includes(name)),
  ) as unknown as SftpModuleOptions;
}

const running = new Set<INestApplicationContext>();

/** Starts an application of these modules and providers, without a log. */
export async function startApp(
  metadata: ModuleMetadata,
  logger: LoggerService | false = false,
): Promise<INestApplicationContext> {
  class TestApplication {}
  const app = await NestFactory.createApplicationContext(
    { module: TestApplication, ...metadata },
    { logger, abortOnError: false },
  );
  running.add(app);
  const close = app.close.bind(app);
  app.close = () => {
    running.delete(app);
    return close();
  };
  return app;
}

/** For `afterEach`: closes what a test that failed has left running. */
export async function closeApps(): Promise<void> {
  await Promise.all([...running].map((app) => app.close()));
}

/** The message with which an application refuses to start. */
export async function startError(metadata: ModuleMetadata): Promise<string> {
  try {
    const app = await startApp(metadata);
    await app.close();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'It started';
}

/** The port of an application's server. */
export function portOf(
  app: INestApplicationContext,
  token: string | typeof SftpServer = SftpServer,
): number {
  const address = app.get<SftpServer>(token, { strict: false }).address();
  if (address === null) throw new Error('The server does not listen');
  return address.port;
}
