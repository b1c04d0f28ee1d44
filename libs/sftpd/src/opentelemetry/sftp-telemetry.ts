import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { type MeterProvider, metrics, trace, type TracerProvider } from '@opentelemetry/api';

import type {
  AuthenticationFailedEvent,
  ConnectionRefusedEvent,
  SessionClosedEvent,
  SessionOpenedEvent,
} from '../events/connection-events.js';
import type {
  UploadAbortedEvent,
  UploadCompletedEvent,
  UploadStartedEvent,
} from '../events/storage-events.js';
import { sftpTracing } from '../events/tracing.js';
import { OnSftpEvent } from '../nest/on-sftp-event.decorator.js';
import { SCOPE } from './attributes.js';
import { Listeners } from './listeners.js';
import { SftpMeters } from './sftp-meters.js';
import { SftpSpans } from './sftp-spans.js';

/** The options of {@link SftpTelemetryModule.forRoot}. */
export const TELEMETRY_OPTIONS = Symbol('TELEMETRY_OPTIONS');

/** Where spans and metrics go. */
export interface SftpTelemetryOptions {
  /** @default the global one of `@opentelemetry/api`, as it is when the module is initialised */
  readonly tracerProvider?: TracerProvider;
  /** @default the global one of `@opentelemetry/api`, as it is when the module is initialised */
  readonly meterProvider?: MeterProvider;
}

/** Makes spans and metrics of what the servers of an application, and their tracing channels, tell. */
@Injectable()
export class SftpTelemetry implements OnModuleInit, OnApplicationShutdown {
  readonly #log = new Logger('SftpTelemetry');
  readonly #listeners = new Listeners((error) => {
    this.#log.error('Telemetry fails', error instanceof Error ? error.stack : String(error));
  });
  #spans: SftpSpans | undefined;
  #meters: SftpMeters | undefined;

  constructor(@Inject(TELEMETRY_OPTIONS) private readonly options: SftpTelemetryOptions) {}

  /** @internal */
  onModuleInit(): void {
    const tracers = this.options.tracerProvider ?? trace.getTracerProvider();
    const meters = this.options.meterProvider ?? metrics.getMeterProvider();
    const spans = new SftpSpans(tracers.getTracer(SCOPE));
    const counts = new SftpMeters(meters.getMeter(SCOPE));
    this.#spans = spans;
    this.#meters = counts;
    this.#listeners.add(sftpTracing.connection.start, (message) => {
      spans.connectionOpened(message);
      counts.connections(1);
    });
    this.#listeners.add(sftpTracing.connection.asyncEnd, (message) => {
      if (spans.connectionClosed(message)) counts.connections(-1);
    });
    this.#listeners.add(sftpTracing.operation.asyncEnd, (message) => {
      counts.operation(message);
    });
  }

  /**
   * After the servers have drained, so that their last transfers are told.
   *
   * @internal
   */
  onApplicationShutdown(): void {
    this.#listeners.close();
    this.#spans?.close();
  }

  /** @internal */
  @OnSftpEvent('connection.refused')
  connectionRefused(event: ConnectionRefusedEvent): void {
    this.#spans?.connectionRefused(event);
    this.#meters?.refused(event.reason);
  }

  /** @internal */
  @OnSftpEvent('auth.failed')
  authFailed(event: AuthenticationFailedEvent): void {
    this.#meters?.authFailed(event);
  }

  /** @internal */
  @OnSftpEvent('session.opened')
  sessionOpened(event: SessionOpenedEvent): void {
    this.#spans?.sessionOpened(event);
    this.#meters?.sessions(1);
  }

  /** @internal */
  @OnSftpEvent('session.closed')
  sessionClosed(event: SessionClosedEvent): void {
    this.#spans?.sessionClosed(event);
    this.#meters?.sessions(-1);
  }

  /** @internal */
  @OnSftpEvent('upload.started')
  uploadStarted(event: UploadStartedEvent): void {
    this.#spans?.uploadStarted(event);
  }

  /** @internal */
  @OnSftpEvent('upload.completed')
  uploadCompleted(event: UploadCompletedEvent): void {
    this.#spans?.uploadCompleted(event);
    this.#meters?.uploadCompleted(event);
  }

  /** @internal */
  @OnSftpEvent('upload.aborted')
  uploadAborted(event: UploadAbortedEvent): void {
    this.#spans?.uploadAborted(event);
    this.#meters?.uploadAborted(event);
  }
}
