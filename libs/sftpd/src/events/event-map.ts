import type {
  AuthenticationFailedEvent,
  ConnectionRefusedEvent,
  ServerListeningEvent,
  ServerStoppedEvent,
  SessionClosedEvent,
  SessionOpenedEvent,
} from './connection-events.js';
import type {
  DownloadCompletedEvent,
  FileRenamedEvent,
  PathEvent,
  UploadAbortedEvent,
  UploadCompletedEvent,
  UploadStartedEvent,
} from './storage-events.js';

/** What happens in a server, by the names of the events. */
export interface SftpEventMap {
  readonly 'server.listening': ServerListeningEvent;
  readonly 'server.stopped': ServerStoppedEvent;
  readonly 'connection.refused': ConnectionRefusedEvent;
  readonly 'auth.failed': AuthenticationFailedEvent;
  readonly 'session.opened': SessionOpenedEvent;
  readonly 'session.closed': SessionClosedEvent;
  readonly 'upload.started': UploadStartedEvent;
  readonly 'upload.completed': UploadCompletedEvent;
  readonly 'upload.aborted': UploadAbortedEvent;
  readonly 'download.completed': DownloadCompletedEvent;
  readonly 'file.removed': PathEvent;
  readonly 'file.renamed': FileRenamedEvent;
  readonly 'directory.created': PathEvent;
  readonly 'directory.removed': PathEvent;
}

/** The name of an event. */
export type SftpEventName = keyof SftpEventMap;

const NAMES: Readonly<Record<SftpEventName, true>> = {
  'server.listening': true,
  'server.stopped': true,
  'connection.refused': true,
  'auth.failed': true,
  'session.opened': true,
  'session.closed': true,
  'upload.started': true,
  'upload.completed': true,
  'upload.aborted': true,
  'download.completed': true,
  'file.removed': true,
  'file.renamed': true,
  'directory.created': true,
  'directory.removed': true,
};

/** Whether there is an event of that name. */
export function isSftpEventName(name: unknown): name is SftpEventName {
  return typeof name === 'string' && Object.hasOwn(NAMES, name);
}
