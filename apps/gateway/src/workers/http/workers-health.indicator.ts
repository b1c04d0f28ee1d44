import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { WorkerHealth } from '../worker-calls.js';
import { WorkerPool } from '../worker-pool.js';

/** What is told of all workers together. */
export interface WorkersHealth extends Record<string, unknown> {
  readonly state: WorkerHealth['state'];
  /** Whether one of them refuses new connections for now. */
  readonly paused: boolean;
  readonly workers: {
    readonly wanted: number;
    /** Those that take connections, and have said so just now. */
    readonly listening: number;
  };
}

/** Tells Terminus whether all workers take connections. */
@Injectable()
export class WorkersHealthIndicator {
  constructor(
    private readonly pool: WorkerPool,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** @param key what the result calls it */
  async areListening<const Key extends string>(
    key: Key,
  ): Promise<HealthIndicatorResult<Key, 'up' | 'down', WorkersHealth>> {
    const indicator = this.indicators.check(key);
    const all = await this.pool.health();
    const { wanted, isStopping } = this.pool;
    const listening = all.filter(({ state, paused }) => state === 'listening' && !paused).length;
    const ready = listening >= wanted && !isStopping;
    const health = {
      state: isStopping ? 'draining' : ready ? 'listening' : 'starting',
      paused: all.some(({ paused }) => paused),
      workers: { wanted, listening },
    } as const;
    return ready ? indicator.up(health) : indicator.down(health);
  }
}
