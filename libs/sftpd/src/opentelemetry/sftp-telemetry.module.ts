import { type DynamicModule, Module } from '@nestjs/common';

import { SftpTelemetry, type SftpTelemetryOptions, TELEMETRY_OPTIONS } from './sftp-telemetry.js';

/**
 * Spans and metrics of all SFTP servers of an application, through `@opentelemetry/api`. Import it once. It tells
 * of the servers' whole process where that has several applications.
 *
 * @example
 * imports: [SftpModule.forRoot({ ... }), SftpTelemetryModule.forRoot()]
 *
 * @publicApi
 */
@Module({})
export class SftpTelemetryModule {
  /**
   * For the `imports` of the application's module.
   *
   * @param options where spans and metrics go; the global providers by default
   */
  static forRoot(options: SftpTelemetryOptions = {}): DynamicModule {
    return {
      module: SftpTelemetryModule,
      providers: [{ provide: TELEMETRY_OPTIONS, useValue: options }, SftpTelemetry],
    };
  }
}
