import { type DynamicModule, Module } from '@nestjs/common';
import type { IngestConfig } from './environment.js';

/** Injects the {@link IngestConfig}. */
export const INGEST_CONFIG = Symbol('INGEST_CONFIG');

/** Offers the configuration to every module of the application. */
@Module({})
export class ConfigModule {
  static forConfig(config: IngestConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: INGEST_CONFIG, useValue: config }],
      exports: [INGEST_CONFIG],
    };
  }
}
