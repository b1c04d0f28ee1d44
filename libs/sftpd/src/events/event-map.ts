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
  /** A server takes connections. */
  readonly 'server.listening': ServerListeningEvent;
  /** A server has stopped. */
  readonly 'server.stopped': ServerStoppedEvent;
  /** A connection, a channel or a request was refused, or ended, at a limit. */
  readonly 'connection.refused': ConnectionRefusedEvent;
  /** An attempt to log in has failed. */
  readonly 'auth.failed': AuthenticationFailedEvent;
  /** A client has logged in. */
  readonly 'session.opened': SessionOpenedEvent;
  /** The connection of a session is over. */
  readonly 'session.closed': SessionClosedEvent;
  /** A file was opened for writing. */
  readonly 'upload.started': UploadStartedEvent;
  /** An upload is stored. */
  readonly 'upload.completed': UploadCompletedEvent;
  /** An upload has not become a file. */
  readonly 'upload.aborted': UploadAbortedEvent;
  /** A file was read to its end. */
  readonly 'download.completed': DownloadCompletedEvent;
  /** A file was removed. */
  readonly 'file.removed': PathEvent;
  /** A file or a directory has another name. */
  readonly 'file.renamed': FileRenamedEvent;
  /** A directory was made. */
  readonly 'directory.created': PathEvent;
  /** A directory was removed. */
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
