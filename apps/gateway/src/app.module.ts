import { type DynamicModule, Module } from '@nestjs/common';
import { SftpModule } from 'nestjs-sftpd';
import { ConfigModule, GATEWAY_CONFIG } from './config.module.js';
import type { GatewayConfig } from './environment.js';
import { sftpOptions } from './sftp-options.js';
import { UploadLog } from './upload-log.js';

/** The gateway: an SFTP server, and what stands beside it. */
@Module({})
export class AppModule {
  /** @param beside modules beside the server's own */
  static forConfig(config: GatewayConfig, beside: readonly DynamicModule[] = []): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SftpModule.forRootAsync({
          imports: [ConfigModule.forConfig(config)],
          inject: [GATEWAY_CONFIG],
          useFactory: sftpOptions,
        }),
        ...beside,
      ],
      providers: [UploadLog],
    };
  }
}
