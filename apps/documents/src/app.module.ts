import { type DynamicModule, Module } from '@nestjs/common';
import { SftpModule, StaticUsers } from 'nestjs-sftpd';
import { ConfigModule } from './config/config.module.js';
import type { DocumentsConfig } from './config/environment.js';
import { DocumentsModule } from './documents/documents.module.js';
import { HttpModule } from './http/http.module.js';

/** Documents in PostgreSQL, by SFTP and by HTTP. */
@Module({})
export class AppModule {
  static forConfig(config: DocumentsConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forConfig(config),
        DocumentsModule,
        HttpModule,
        SftpModule.forRoot({
          ...config.sftp,
          hostKeys: { directory: config.hostKeyDirectory, create: true },
          auth: { useExisting: StaticUsers },
          drainTimeout: config.drainTimeout,
        }),
      ],
    };
  }
}
