import { Controller, Get, Header } from '@nestjs/common';
import { WorkersMetrics } from './workers-metrics.js';

/** What Prometheus scrapes. */
@Controller('metrics')
export class WorkersMetricsController {
  constructor(private readonly metrics: WorkersMetrics) {}

  @Get()
  @Header('content-type', 'text/plain')
  scrape(): Promise<string> {
    return this.metrics.text();
  }
}
