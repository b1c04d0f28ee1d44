import { type DynamicModule, Module } from '@nestjs/common';
import { SftpModule } from 'nestjs-sftpd';
import { ConfigModule, GATEWAY_CONFIG } from './config.module.js';
import type { GatewayConfig } from './environment.js';
import { IngestionModule } from './ingestion/ingestion.module.js';
import { sftpOptions } from './sftp-options.js';

/** The gateway: an SFTP server, the queue of its uploads where that is wanted, and what stands beside it. */
@Module({})
export class AppModule {
  /** @param beside modules beside the server's own */
  static forConfig(config: GatewayConfig, beside: readonly DynamicModule[] = []): DynamicModule {
    const configModule = ConfigModule.forConfig(config);
    const sftpModule = SftpModule.forRootAsync({
      imports: [configModule],
      inject: [GATEWAY_CONFIG],
      useFactory: sftpOptions,
    });
    const { ingestion } = config;
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
