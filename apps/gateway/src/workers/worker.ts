import cluster from 'node:cluster';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SftpServer } from 'nestjs-sftpd';
import { AppModule } from '../app.module.js';
import type { GatewayConfig } from '../environment.js';
import type { Metrics } from '../http/metrics.js';
import { within } from '../time-limit.js';
import { GatewayLogger } from '../logger.js';
import { IpcCalls } from './ipc-calls.js';
import { limitsOfPrimary } from './limits-of-primary.js';
import type { PrimaryCalls, WorkerCalls, WorkerHealth } from './worker-calls.js';

/** Milliseconds that the primary may take for the last word of a worker. */
const LAST_WORD = 2000;

/**
 * Runs one worker: a gateway that has its configuration from the primary, and shares port and limits with the
 * others. It ends when the primary asks it to, or is gone, or on SIGTERM and SIGINT, and lets running transfers finish
 * each time. A start that fails is told in one line and ends the process with 1.
 */
export async function runWorker(): Promise<void> {
  const worker = new GatewayWorker();
  await worker.run();
}

class GatewayWorker {
  readonly #primary: IpcCalls<PrimaryCalls>;
  readonly #starting: Promise<INestApplicationContext>;
  readonly #config: Promise<GatewayConfig>;
  #app: INestApplicationContext | undefined;
  #metrics: Metrics | undefined;
  #stopping = false;

  constructor() {
    this.#primary = new IpcCalls<PrimaryCalls>(
      {
        send: (message, done) => process.send?.(message, undefined, undefined, done),
        onMessage: (listener) => process.on('message', listener),
        onDisconnect: (listener) => process.on('disconnect', listener),
      },
      { ...this.#calls() },
    );
    this.#stopWithoutPrimary();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      // A terminal, or whoever manages the processes, may tell all of them at once: the second time is the primary's.
      process.on(signal, () => this.#stop());
    }
    // The primary passes it on.
    process.on('SIGHUP', () => undefined);
    this.#config = this.#primary.call('config');
    this.#starting = this.#config.then((config) => this.#start(config));
  }

  async run(): Promise<void> {
    try {
      this.#app = await this.#starting;
    } catch (error) {
      if (this.#isStopping()) process.exit(1);
      const logger = new GatewayLogger(await this.#config);
      logger.startFailed(error);
      process.exit(1);
    }
    const address = this.#app.get(SftpServer).address();
    if (this.#isStopping()) return;
    // Without the primary there is nobody to tell, and the worker ends.
    await this.#primary.call('listening', address).catch(() => undefined);
  }

  #calls(): WorkerCalls {
    return {
      stop: () => {
        this.#stop();
      },
      reloadHostKeys: async () => {
        const app = await this.#starting;
        await app.get(SftpServer).reloadHostKeys();
      },
      health: () => this.#health(),
      metrics: async () => (await this.#metrics?.collect()) ?? [],
    };
  }

  async #start(config: GatewayConfig): Promise<INestApplicationContext> {
    const logger = new GatewayLogger(config);
    const telemetry = config.httpPort === undefined ? [] : [await this.#telemetry()];
    return NestFactory.createApplicationContext(
      AppModule.forConfig(config, telemetry, limitsOfPrimary(this.#primary)),
      { logger, abortOnError: false },
    );
  }

  /** Nothing is measured where nobody can ask for it. */
  async #telemetry(): Promise<DynamicModule> {
    const { Metrics } = await import('../http/metrics.js');
    const { SftpTelemetryModule } = await import('nestjs-sftpd/opentelemetry');
    this.#metrics = new Metrics();
    return SftpTelemetryModule.forRoot({ meterProvider: this.#metrics.provider });
  }

  #health(): WorkerHealth {
    const server = this.#app?.get(SftpServer);
    if (server === undefined) return { state: 'starting', paused: false };
    return { state: server.state, paused: server.paused };
  }

  /** Node would end the process at once. */
  #stopWithoutPrimary(): void {
    const { worker } = cluster;
    worker?.once('disconnect', () => {
      worker.exitedAfterDisconnect = true;
      this.#stop();
    });
  }

  #isStopping(): boolean {
    return this.#stopping;
  }

  #stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#end().then(
      () => process.exit(0),
      // What failed has been told: by the start, or by the server.
      () => process.exit(1),
    );
  }

  async #end(): Promise<void> {
    const app = await this.#starting;
    await app.close();
    const metrics = await this.#metrics?.collect();
    if (metrics === undefined) return;
    const told = this.#primary.call('lastMetrics', metrics).catch(() => undefined);
    await within(told, LAST_WORD, 'The last word').catch(() => undefined);
  }
}
