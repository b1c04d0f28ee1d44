import { type DynamicModule, Module } from '@nestjs/common';
import { SftpModule, type SftpModuleOptions } from 'nestjs-sftpd';
import { ConfigModule, GATEWAY_CONFIG } from './config.module.js';
import type { GatewayConfig } from './environment.js';
import { IngestionModule } from './ingestion/ingestion.module.js';
import { LOCKOUT_OPTIONS, RedisLockoutModule } from './redis-lockout.module.js';
import { sftpOptions } from './sftp-options.js';

/** Options that do not follow from the configuration alone. */
export type SharedOptions = Pick<SftpModuleOptions, 'placesStore' | 'lockout'>;

/** The gateway: an SFTP server, the queue of its uploads where that is wanted, and what stands beside it. */
@Module({})
export class AppModule {
  /**
   * @param beside modules beside the server's own
   * @param shared options of a server that shares its limits with others
   */
  static forConfig(
    config: GatewayConfig,
    beside: readonly DynamicModule[] = [],
    shared: SharedOptions = {},
  ): DynamicModule {
    const configModule = ConfigModule.forConfig(config);
    const { ingestion } = config;
    // Redis counts for the replicas of the gateway as well.
    const lockouts = ingestion ? [RedisLockoutModule.forUrl(ingestion.redisUrl)] : [];
    const sftpModule = SftpModule.forRootAsync({
      imports: [configModule, ...lockouts],
      inject: [GATEWAY_CONFIG, ...(ingestion ? [LOCKOUT_OPTIONS] : [])],
      useFactory: (checked: GatewayConfig, lockout = shared.lockout) => ({
        ...sftpOptions(checked),
        ...shared,
        ...(lockout && { lockout }),
      }),
    });
    return {
      module: AppModule,
      imports: [
        sftpModule,
        ...(ingestion ? [IngestionModule.forConfig(ingestion, [configModule, sftpModule])] : []),
        ...beside,
      ],
    };
  }
}
