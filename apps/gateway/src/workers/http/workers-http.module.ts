import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { WorkerPool } from '../worker-pool.js';
import { WorkersHealthController } from './workers-health.controller.js';
import { WorkersHealthIndicator } from './workers-health.indicator.js';
import { WorkersMetrics } from './workers-metrics.js';
import { WorkersMetricsController } from './workers-metrics.controller.js';

/** Health and metrics of all workers over HTTP. */
@Module({})
export class WorkersHttpModule {
  static forPool(pool: WorkerPool): DynamicModule {
    return {
      module: WorkersHttpModule,
      // Whoever asks is told; a line of the log for each time that a probe is refused would say no more.
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [WorkersHealthController, WorkersMetricsController],
      providers: [{ provide: WorkerPool, useValue: pool }, WorkersHealthIndicator, WorkersMetrics],
    };
  }
}
