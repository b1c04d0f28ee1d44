import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import type {
  AuthenticationFailedEvent,
  ConnectionRefusedEvent,
  ServerListeningEvent,
  ServerStoppedEvent,
  SessionOpenedEvent,
} from '../events/connection-events.js';
import type {
  DownloadCompletedEvent,
  FileRenamedEvent,
  PathEvent,
  UploadAbortedEvent,
  UploadCompletedEvent,
} from '../events/storage-events.js';
import { sftpTracing } from '../events/tracing.js';
import type { OperationMessage } from '../events/tracing-messages.js';
import { OnSftpEvent } from '../nest/on-sftp-event.decorator.js';
import type { HostKey } from '../server/host-keys.js';
import {
  downloadedLine,
  type EventLine,
  listeningLines,
  loggedInLine,
  notLoggedInLine,
  notUploadedLine,
  pathLine,
  refusedConnectionLine,
  refusedRequestLine,
  renamedLine,
  uploadedLine,
} from './event-lines.js';
import type { Output } from './output.js';

/** What an {@link ActivityReporter} works with. */
export interface ReporterParts {
  readonly output: Output;
  /** Those that clients see. */
  readonly hostKeys: readonly HostKey[];
}

/** The {@link ReporterParts}. */
export const REPORTER_PARTS = Symbol('REPORTER_PARTS');

/** Tells what happens in the server, each thing in one line. */
@Injectable()
export class ActivityReporter implements OnModuleInit, OnApplicationShutdown {
  readonly #refusals = (message: unknown): void => {
    const refused = refusedRequestLine(message as OperationMessage);
    if (refused) this.#tell(refused);
  };

  constructor(@Inject(REPORTER_PARTS) private readonly parts: ReporterParts) {}

  /** No event tells of a request that was refused; the tracing channel does. */
  onModuleInit(): void {
    subscribe(sftpTracing.operation.asyncEnd.name, this.#refusals);
  }

  @OnSftpEvent('server.listening')
  onListening(event: ServerListeningEvent): void {
    const { more, ...first } = listeningLines(event, this.parts.hostKeys);
    const { output } = this.parts;
    this.#tell(first);
    if (output.style.json) return;
    for (const text of more) output.line(text, {});
  }

  @OnSftpEvent('server.stopped')
  onStopped({ duration }: ServerStoppedEvent): void {
    this.#tell({ text: 'Stopped', record: { event: 'server.stopped', duration } });
  }

  @OnSftpEvent('session.opened')
  onLoggedIn(event: SessionOpenedEvent): void {
    this.#tell(loggedInLine(event));
  }

  @OnSftpEvent('auth.failed')
  onNotLoggedIn(event: AuthenticationFailedEvent): void {
    this.#tell(notLoggedInLine(event));
  }

  @OnSftpEvent('connection.refused')
  onRefused(event: ConnectionRefusedEvent): void {
    this.#tell(refusedConnectionLine(event));
  }

  @OnSftpEvent('upload.completed')
  onUploaded(event: UploadCompletedEvent): void {
    this.#tell(uploadedLine(event));
  }

  @OnSftpEvent('upload.aborted')
  onNotUploaded(event: UploadAbortedEvent): void {
    this.#tell(notUploadedLine(event));
  }

  @OnSftpEvent('download.completed')
  onDownloaded(event: DownloadCompletedEvent): void {
    this.#tell(downloadedLine(event));
  }

  @OnSftpEvent('file.removed')
  onRemoved(event: PathEvent): void {
    this.#tell(pathLine('file.removed', event));
  }

  @OnSftpEvent('directory.created')
  onDirectoryCreated(event: PathEvent): void {
    this.#tell(pathLine('directory.created', event));
  }

  @OnSftpEvent('directory.removed')
  onDirectoryRemoved(event: PathEvent): void {
    this.#tell(pathLine('directory.removed', event));
  }

  @OnSftpEvent('file.renamed')
  onRenamed(event: FileRenamedEvent): void {
    this.#tell(renamedLine(event));
  }

  /** After the server has drained, so that its last requests are told. */
  onApplicationShutdown(): void {
    unsubscribe(sftpTracing.operation.asyncEnd.name, this.#refusals);
  }

  #tell({ text, record: { event, ...rest } }: EventLine): void {
    this.parts.output.line(text, { event, time: new Date().toISOString(), ...rest });
  }
}
