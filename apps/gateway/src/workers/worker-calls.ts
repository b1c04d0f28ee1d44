import type { AddressInfo } from 'node:net';
import type { LockoutStore, PlacesStore, SftpServerState } from 'nestjs-sftpd';
import type { GatewayConfig } from '../environment.js';
import type { MeasuredScope } from '../http/metrics.js';

/** What a worker asks of the primary. */
export interface PrimaryCalls {
  /** What this worker is to do. */
  config(): GatewayConfig;
  /** The worker takes connections. */
  listening(address: AddressInfo | null): void;
  /** All that an ending worker has measured. */
  lastMetrics(metrics: readonly MeasuredScope[]): void;
  take: PlacesStore['take'];
  giveBack: PlacesStore['giveBack'];
  fail: LockoutStore['fail'];
  lockedFor: LockoutStore['lockedFor'];
  forgive: LockoutStore['forgive'];
}

/** What the primary asks of a worker. */
export interface WorkerCalls {
  /** Lets running transfers finish, and ends the process. */
  stop(): void;
  /** Reads the host keys again. */
  reloadHostKeys(): Promise<void>;
  health(): WorkerHealth;
  metrics(): Promise<readonly MeasuredScope[]>;
}

/** How the server of a worker is. */
export interface WorkerHealth {
  readonly state: SftpServerState | 'starting';
  /** Whether it refuses new connections for now. */
  readonly paused: boolean;
}
