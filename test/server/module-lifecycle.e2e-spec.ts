import { Global, Injectable, Module } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { SftpModule } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { optionsWithout, startApp, testOptions } from './support/nest-app.js';

const calls: string[] = [];

@Injectable()
class HookedBackend extends MemoryBackend {
  onModuleInit(): void {
    calls.push('onModuleInit');
  }
  onApplicationBootstrap(): void {
    calls.push('onApplicationBootstrap');
  }
  onModuleDestroy(): void {
    calls.push('onModuleDestroy');
  }
  beforeApplicationShutdown(): void {
    calls.push('beforeApplicationShutdown');
  }
  onApplicationShutdown(): void {
    calls.push('onApplicationShutdown');
  }
}

const ONCE_EACH = [
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
];

@Global()
@Module({ providers: [HookedBackend], exports: [HookedBackend] })
class StorageModule {}

const { auth } = testOptions();
const bare = { ...optionsWithout('backend', 'auth'), ...(auth && { auth }) };

describe('the life-cycle hooks of a backend are called once each', () => {
  beforeEach(() => {
    calls.length = 0;
  });

  it.each([
    ['forRoot, a class', () => SftpModule.forRoot(testOptions({ backend: HookedBackend }))],
    [
      'forRoot, useClass',
      () => SftpModule.forRoot(testOptions({ backend: { useClass: HookedBackend } })),
    ],
    [
      'forRoot, useFactory',
      () => SftpModule.forRoot(testOptions({ backend: { useFactory: () => new HookedBackend() } })),
    ],
    [
      'forRoot, an instance',
      () => SftpModule.forRoot(testOptions({ backend: new HookedBackend() })),
    ],
    [
      'forRoot, useValue',
      () => SftpModule.forRoot(testOptions({ backend: { useValue: new HookedBackend() } })),
    ],
    [
      'forRoot, useExisting',
      () =>
        SftpModule.forRoot({
          ...testOptions({ backend: { useExisting: HookedBackend } }),
          imports: [StorageModule],
        }),
    ],
    [
      'forRootAsync, a static class',
      () => SftpModule.forRootAsync({ backend: HookedBackend, useFactory: () => bare }),
    ],
    [
      'forRootAsync, a static useExisting',
      () =>
        SftpModule.forRootAsync({
          imports: [StorageModule],
          backend: { useExisting: HookedBackend },
          useFactory: () => bare,
        }),
    ],
    [
      'forRootAsync, a class in the made options',
      () => SftpModule.forRootAsync({ useFactory: () => ({ ...bare, backend: HookedBackend }) }),
    ],
    [
      'forRootAsync, an instance in the made options',
      () =>
        SftpModule.forRootAsync({
          useFactory: () => ({ ...bare, backend: new HookedBackend() }),
        }),
    ],
  ])('%s', async (_title, module) => {
    const app = await startApp({ imports: [module()] });
    await app.close();
    expect(calls).toEqual(ONCE_EACH);
  });
});
