import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { SftpTelemetryModule } from 'nestjs-sftpd/opentelemetry';
import { SftpHealthIndicator } from 'nestjs-sftpd/terminus';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';

/** Health and metrics over HTTP. */
@Module({})
export class HttpModule {
  static create(): DynamicModule {
    const metrics = new Metrics();
    return {
      module: HttpModule,
      imports: [
        // Whoever asks is told; a line of the log for each time that a probe is refused would say no more.
        TerminusModule.forRoot({ logger: false }),
        SftpTelemetryModule.forRoot({ meterProvider: metrics.provider }),
      ],
      controllers: [HealthController, MetricsController],
      providers: [SftpHealthIndicator, { provide: Metrics, useValue: metrics }],
    };
  }
}
