import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** What one meter has measured; plain data, as the exporter knows it. */
export type MeasuredScope = Awaited<
  ReturnType<PrometheusExporter['collect']>
>['resourceMetrics']['scopeMetrics'][number];

/** The metrics of the process, in the text format of Prometheus. */
@Injectable()
export class Metrics implements OnApplicationShutdown {
  readonly #exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  /** Where meters come from. */
  readonly provider = new MeterProvider({ readers: [this.#exporter] });

  /** Answers a request with all there is. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    this.#exporter.getMetricsRequestHandler(request, response);
  }

  /** All there is, for another process to add up. */
  async collect(): Promise<MeasuredScope[]> {
    const { resourceMetrics } = await this.#exporter.collect();
    return resourceMetrics.scopeMetrics;
  }

  /** @internal */
  async onApplicationShutdown(): Promise<void> {
    await this.provider.shutdown();
  }
}
