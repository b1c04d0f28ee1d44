import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { WorkersHealthIndicator } from './workers-health.indicator.js';

/** What an orchestrator asks: whether the gateway should go on, and whether clients should be sent to it. */
@Controller('health')
export class WorkersHealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly workers: WorkersHealthIndicator,
  ) {}

  /** Up as long as the primary answers, also while the last transfers end. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /** Up while all workers that there should be take connections. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.workers.areListening('sftp')]);
  }
}
