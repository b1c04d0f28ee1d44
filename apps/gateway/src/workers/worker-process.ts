import cluster, { type Worker } from 'node:cluster';
import { IpcCalls, type IpcPeer } from './ipc-calls.js';
import type { PrimaryCalls, WorkerCalls } from './worker-calls.js';

/** How a process has ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it was never there. */
  readonly error?: Error;
}

/** A worker as the primary sees it. */
export class WorkerProcess {
  readonly id: number;
  readonly pid: number | undefined;
  /** Asks the worker. */
  readonly calls: Pick<IpcCalls<WorkerCalls>, 'call'>;
  /** Settles when the process is gone. */
  readonly ended: Promise<ProcessEnd>;
  readonly #worker: Worker;
  #listeningSince: number | undefined;
  #over = false;

  /**
   * Starts a process.
   *
   * @param callsOf what it may ask of the primary, by its id; nothing of it is called once it is gone
   * @throws Error when the system has no room for another process
   */
  constructor(callsOf: (worker: WorkerProcess) => PrimaryCalls) {
    const worker = cluster.fork();
    this.#worker = worker;
    this.id = worker.id;
    this.pid = worker.process.pid;
    this.ended = new Promise((resolve) => {
      const end = (how: ProcessEnd): void => {
        this.#over = true;
        resolve(how);
      };
      worker.once('exit', (code: number | null, signal: string | null) => {
        end({ code, signal });
      });
      worker.on('error', (error: Error) => {
        if (this.pid === undefined) end({ code: null, signal: null, error });
      });
    });
    // What it had said may be read only after its end.
    const peer: IpcPeer = {
      send: (message, done) => worker.send(message, done),
      onMessage: (listener) => {
        worker.on('message', (message: unknown) => {
          if (!this.#over) listener(message);
        });
      },
      onDisconnect: (listener) => worker.once('disconnect', listener),
    };
    this.calls = new IpcCalls<WorkerCalls>(peer, { ...callsOf(this) });
  }

  /** Whether it takes connections. */
  get listening(): boolean {
    return this.#listeningSince !== undefined && !this.#over;
  }

  /** Milliseconds since it has said that it takes connections. */
  get lived(): number | undefined {
    return this.#listeningSince === undefined
      ? undefined
      : performance.now() - this.#listeningSince;
  }

  /** It has said that it takes connections. */
  markListening(): void {
    this.#listeningSince = performance.now();
  }

  /** Ends it, whatever it does. */
  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }
}
