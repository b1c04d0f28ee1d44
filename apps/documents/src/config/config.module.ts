import { type DynamicModule, Module } from '@nestjs/common';
import { StaticUsers } from 'nestjs-sftpd';
import type { DocumentsConfig } from './environment.js';

/** Injects the {@link DocumentsConfig}. */
export const DOCUMENTS_CONFIG = Symbol('DOCUMENTS_CONFIG');

/** Offers the configuration, and the users that it names, to every module of the application. */
@Module({})
export class ConfigModule {
  static forConfig(config: DocumentsConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [
        { provide: DOCUMENTS_CONFIG, useValue: config },
        { provide: StaticUsers, useFactory: () => new StaticUsers(config.users) },
      ],
      exports: [DOCUMENTS_CONFIG, StaticUsers],
    };
  }
}
