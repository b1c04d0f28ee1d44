import { Injectable } from '@nestjs/common';
import {
  type MaybePromise,
  OnSftpEvent,
  type SftpEventMap,
  type SftpEventName,
} from 'nestjs-sftpd';

import { within } from '../../support/raw-transport.js';
import type { Seen } from './subjects.js';

/** An event that has come. */
export type Recorded = {
  [Name in SftpEventName]: {
    readonly name: Name;
    readonly event: SftpEventMap[Name];
    /** What the storage had under the path when an upload was told complete. */
    readonly seen: Promise<Seen | undefined> | undefined;
  };
}[SftpEventName];

interface Wait {
  readonly name: SftpEventName;
  readonly count: number;
  readonly resolve: () => void;
}

/** Records every event, in the order in which they come, and looks at the storage when an upload is told complete. */
@Injectable()
export class Recorder {
  readonly records: Recorded[] = [];
  /** An event of which the handler fails, once it has recorded it. */
  failsAt: SftpEventName | undefined;
  readonly #see: (path: string) => MaybePromise<Seen | undefined>;
  #waits: Wait[] = [];

  /** @param see looks at the storage */
  constructor(see: (path: string) => MaybePromise<Seen | undefined>) {
    this.#see = see;
  }

  /** Waits until so many events of a name have come. */
  async until(name: SftpEventName, count = 1): Promise<void> {
    if (this.#count(name) >= count) return;
    const come = new Promise<void>((resolve) => this.#waits.push({ name, count, resolve }));
    await within(come, `${count} of ${name}`);
  }

  /** Settles when the storage has been looked at for all that was told complete until now. */
  async hasLooked(): Promise<void> {
    await Promise.allSettled(this.records.flatMap(({ seen }) => seen ?? []));
  }

  @OnSftpEvent('server.listening')
  listening(event: SftpEventMap['server.listening']): void {
    this.#take({ name: 'server.listening', event, seen: undefined });
  }

  @OnSftpEvent('server.stopped')
  stopped(event: SftpEventMap['server.stopped']): void {
    this.#take({ name: 'server.stopped', event, seen: undefined });
  }

  @OnSftpEvent('connection.refused')
  refused(event: SftpEventMap['connection.refused']): void {
    this.#take({ name: 'connection.refused', event, seen: undefined });
  }

  @OnSftpEvent('auth.failed')
  authenticationFailed(event: SftpEventMap['auth.failed']): void {
    this.#take({ name: 'auth.failed', event, seen: undefined });
  }

  @OnSftpEvent('session.opened')
  sessionOpened(event: SftpEventMap['session.opened']): void {
    this.#take({ name: 'session.opened', event, seen: undefined });
  }

  @OnSftpEvent('session.closed')
  sessionClosed(event: SftpEventMap['session.closed']): void {
    this.#take({ name: 'session.closed', event, seen: undefined });
  }

  @OnSftpEvent('upload.started')
  uploadStarted(event: SftpEventMap['upload.started']): void {
    this.#take({ name: 'upload.started', event, seen: undefined });
  }

  @OnSftpEvent('upload.completed')
  uploadCompleted(event: SftpEventMap['upload.completed']): void {
    const seen = (async () => this.#see(event.path))();
    seen.catch(() => undefined);
    this.#take({ name: 'upload.completed', event, seen });
  }

  @OnSftpEvent('upload.aborted')
  uploadAborted(event: SftpEventMap['upload.aborted']): void {
    this.#take({ name: 'upload.aborted', event, seen: undefined });
  }

  @OnSftpEvent('download.completed')
  downloadCompleted(event: SftpEventMap['download.completed']): void {
    this.#take({ name: 'download.completed', event, seen: undefined });
  }

  @OnSftpEvent('file.removed')
  fileRemoved(event: SftpEventMap['file.removed']): void {
    this.#take({ name: 'file.removed', event, seen: undefined });
  }

  @OnSftpEvent('file.renamed')
  fileRenamed(event: SftpEventMap['file.renamed']): void {
    this.#take({ name: 'file.renamed', event, seen: undefined });
  }

  @OnSftpEvent('directory.created')
  directoryCreated(event: SftpEventMap['directory.created']): void {
    this.#take({ name: 'directory.created', event, seen: undefined });
  }

  @OnSftpEvent('directory.removed')
  directoryRemoved(event: SftpEventMap['directory.removed']): void {
    this.#take({ name: 'directory.removed', event, seen: undefined });
  }

  #take(recorded: Recorded): void {
    this.records.push(recorded);
    this.#waits = this.#waits.filter(({ name, count, resolve }) => {
      if (this.#count(name) < count) return true;
      resolve();
      return false;
    });
    if (recorded.name === this.failsAt) throw new Error(`The handler of ${recorded.name} fails`);
  }

  #count(wanted: SftpEventName): number {
    return this.records.filter(({ name }) => name === wanted).length;
  }
}
