import { Injectable } from '@nestjs/common';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { WorkerPool } from '../worker-pool.js';

/** The metrics of all workers, in the text format of Prometheus. */
@Injectable()
export class WorkersMetrics {
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true);

  constructor(private readonly pool: WorkerPool) {}

  async text(): Promise<string> {
    const scopeMetrics = await this.pool.metrics();
    return this.#serializer.serialize({ resource: NO_RESOURCE, scopeMetrics });
  }
}

/** Nothing of it is told. */
const NO_RESOURCE = {
  attributes: {},
  merge: () => NO_RESOURCE,
  getRawAttributes: () => [],
};
