import cluster from 'node:cluster';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { GatewayConfig } from '../environment.js';
import { within } from '../time-limit.js';
import type { GatewayLogger } from '../logger.js';
import { messageOf } from '../problems.js';
import { RestartDelays } from './restart-delays.js';
import { SharedLimits } from './shared-limits.js';
import { SummedMetrics } from './summed-metrics.js';
import type { PrimaryCalls, WorkerHealth } from './worker-calls.js';
import { type ProcessEnd, WorkerProcess } from './worker-process.js';

/** Milliseconds that a worker may take to answer. */
const ANSWER_LIMIT = 2000;

/** A worker could not start; it has told why where it could. */
export class WorkerNotStartedError extends Error {
  override readonly name = 'WorkerNotStartedError';

  /** @param told whether the worker has told it already */
  constructor(
    message: string,
    readonly told: boolean,
  ) {
    super(message);
  }
}

/** The worker processes: starts them, replaces those that end, and speaks to all of them. */
export class WorkerPool {
  readonly #config: GatewayConfig;
  readonly #logger: GatewayLogger;
  readonly #workers = new Set<WorkerProcess>();
  readonly #limits = new SharedLimits();
  readonly #metrics = new SummedMetrics();
  readonly #delays = new RestartDelays();
  readonly #replacements = new Set<NodeJS.Timeout>();
  readonly #listeners = new Map<WorkerProcess, () => void>();
  #state: 'starting' | 'running' | 'stopping' = 'starting';
  #address: AddressInfo | undefined;
  #port: number;
  #giveUp: (why: string) => void = () => undefined;

  /** Settles, with the reason, when workers cannot be started any more. */
  readonly hopeless = new Promise<string>((resolve) => {
    this.#giveUp = resolve;
  });

  constructor(config: GatewayConfig, logger: GatewayLogger) {
    this.#config = config;
    this.#logger = logger;
    this.#port = config.port;
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({
      exec: path.join(import.meta.dirname, 'worker-main.js'),
      args: [],
      serialization: 'advanced',
    });
  }

  /**
   * Starts all workers: one first, which makes what is missing (host keys, a folder, a bucket) and finds what is wrong,
   * and then the others.
   *
   * @returns where they listen
   * @throws WorkerNotStartedError when one of them could not start
   */
  async start(): Promise<AddressInfo | undefined> {
    await this.#startOne();
    if (this.#state === 'starting') {
      const others = Array.from({ length: this.#config.workers - 1 }, () => this.#startOne());
      await Promise.all(others);
    }
    if (this.#state === 'starting') this.#state = 'running';
    return this.#address;
  }

  /** How many workers there should be. */
  get wanted(): number {
    return this.#config.workers;
  }

  /** How each worker is; those that do not answer are left out. */
  async health(): Promise<WorkerHealth[]> {
    if (this.#state === 'stopping') return [];
    const asked = [...this.#workers].map((worker) =>
      this.#inTime(worker, worker.calls.call('health')),
    );
    return (await Promise.all(asked)).filter((health) => health !== undefined);
  }

  /** Whether the workers finish their transfers, and end. */
  get isStopping(): boolean {
    return this.#state === 'stopping';
  }

  /** What all workers have measured; of one that does not answer, what it last told. */
  async metrics(): Promise<ReturnType<SummedMetrics['total']>> {
    await Promise.all(
      [...this.#workers].map(async (worker) => {
        const metrics = await this.#inTime(worker, worker.calls.call('metrics'));
        if (metrics && this.#workers.has(worker)) this.#metrics.update(worker.id, metrics);
      }),
    );
    return this.#metrics.total();
  }

  /** Has all workers read their host keys again; each tells how that went. */
  reloadHostKeys(): void {
    for (const worker of this.#workers) {
      worker.calls.call('reloadHostKeys').catch(() => undefined);
    }
  }

  /**
   * Has all workers finish their transfers.
   *
   * @returns when all have ended: whether in order
   */
  async stop(): Promise<boolean> {
    this.#state = 'stopping';
    for (const timer of this.#replacements) clearTimeout(timer);
    const ends = [...this.#workers].map((worker) => {
      worker.calls.call('stop').catch(() => undefined);
      return worker.ended;
    });
    return (await Promise.all(ends)).every(({ code }) => code === 0);
  }

  /** Ends all workers, whatever they do. */
  kill(): void {
    this.#state = 'stopping';
    for (const worker of this.#workers) worker.kill();
  }

  /** Starts a worker. @returns when it takes connections, or is asked to stop before */
  async #startOne(): Promise<void> {
    const worker = this.#fork();
    if (!(worker instanceof WorkerProcess)) throw notStarted(worker);
    const end = await Promise.race([
      worker.ended,
      new Promise<undefined>((resolve) => this.#listeners.set(worker, () => resolve(undefined))),
    ]);
    this.#listeners.delete(worker);
    if (end !== undefined && this.#state !== 'stopping') throw notStarted(end);
  }

  #fork(): WorkerProcess | ProcessEnd {
    let worker: WorkerProcess;
    try {
      worker = new WorkerProcess((own) => this.#callsOf(own));
    } catch (error) {
      return { code: null, signal: null, error: error instanceof Error ? error : new Error() };
    }
    this.#workers.add(worker);
    void worker.ended.then((end) => {
      this.#workers.delete(worker);
      this.#limits.forget(worker.id);
      this.#metrics.retire(worker.id);
      // Whoever binds port 0 anew would get another one; a port that somebody still holds is shared.
      if (this.#address && ![...this.#workers].some(({ listening }) => listening)) {
        this.#port = this.#address.port;
      }
      if (this.#state === 'running') this.#replace(end, worker);
    });
    return worker;
  }

  #replace(end: ProcessEnd, worker?: WorkerProcess): void {
    const delay = this.#delays.ended(worker?.lived);
    const what = `Worker ${worker?.pid ?? '(without a process)'} has ended (${howEnded(end)})`;
    if (this.#delays.hopeless && ![...this.#workers].some(({ listening }) => listening)) {
      this.#giveUp(`${what}; workers cannot be started any more`);
      return;
    }
    this.#logger.error(`${what}; another one starts in ${delay} ms`, undefined, 'Workers');
    const timer = setTimeout(() => {
      this.#replacements.delete(timer);
      const next = this.#fork();
      if (!(next instanceof WorkerProcess)) this.#replace(next);
    }, delay);
    this.#replacements.add(timer);
  }

  #callsOf(worker: WorkerProcess): PrimaryCalls {
    return {
      config: () => ({ ...this.#config, port: this.#port }),
      listening: (address) => {
        this.#address ??= address ?? undefined;
        worker.markListening();
        this.#delays.started();
        this.#listeners.get(worker)?.();
        if (this.#state === 'running') {
          this.#logger.log(`Worker ${worker.pid ?? ''} takes connections`, 'Workers');
        }
      },
      lastMetrics: (metrics) => {
        this.#metrics.update(worker.id, metrics);
      },
      ...this.#limits.callsOf(worker.id),
    };
  }

  /** What a worker answers; `undefined` when it does not. */
  async #inTime<T>({ pid }: WorkerProcess, answer: Promise<T>): Promise<T | undefined> {
    try {
      return await within(answer, ANSWER_LIMIT, 'The answer of a worker');
    } catch (error) {
      this.#logger.debug(`Worker ${pid ?? ''}: ${messageOf(error)}`, 'Workers');
      return undefined;
    }
  }
}

function howEnded({ code, signal, error }: ProcessEnd): string {
  if (error !== undefined) return error.message;
  return signal === null ? `code ${code ?? ''}` : `signal ${signal}`;
}

function notStarted(end: ProcessEnd): WorkerNotStartedError {
  const told = end.code === 1;
  return new WorkerNotStartedError(
    `a worker has ended before it could take connections (${howEnded(end)})`,
    told,
  );
}
