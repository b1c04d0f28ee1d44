import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { LockoutOptions } from 'nestjs-sftpd';
import { RedisLockoutStore } from 'nestjs-sftpd/redis';

/** Injects the options of the lockout. */
export const LOCKOUT_OPTIONS = Symbol('LOCKOUT_OPTIONS');

const CLIENT = Symbol('LOCKOUT_REDIS');

/** Milliseconds that Redis may take to connect, and between attempts to. */
const TIMES = { connect: 5000, retry: 1000 };

/** Counts failed log-ins in Redis, together with all other gateways on it. */
@Module({})
export class RedisLockoutModule implements OnApplicationShutdown {
  constructor(@Inject(CLIENT) private readonly client: Redis) {}

  /** @param url may hold a password */
  static forUrl(url: string): DynamicModule {
    return {
      module: RedisLockoutModule,
      providers: [
        { provide: CLIENT, useFactory: () => connect(url) },
        {
          provide: LOCKOUT_OPTIONS,
          inject: [CLIENT],
          useFactory: (client: Redis): LockoutOptions => ({ store: new RedisLockoutStore(client) }),
        },
      ],
      exports: [LOCKOUT_OPTIONS],
    };
  }

  onApplicationShutdown(): void {
    this.client.disconnect();
  }
}

function connect(url: string): Redis {
  const client = new Redis(url, {
    connectTimeout: TIMES.connect,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    retryStrategy: () => TIMES.retry,
  });
  // The server tells when its store does not work.
  client.on('error', () => undefined);
  return client;
}
