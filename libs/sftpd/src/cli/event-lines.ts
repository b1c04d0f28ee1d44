import type {
  AuthenticationFailedEvent,
  ConnectionRefusedEvent,
  ServerListeningEvent,
  SessionOpenedEvent,
} from '../events/connection-events.js';
import { messageWithCauses } from '../events/message-with-causes.js';
import { quoted } from '../events/printable.js';
import type {
  DownloadCompletedEvent,
  FileRenamedEvent,
  PathEvent,
  StorageEvent,
  UploadAbortedEvent,
  UploadCompletedEvent,
} from '../events/storage-events.js';
import type { OperationMessage } from '../events/tracing-messages.js';
import type { HostKey } from '../server/host-keys.js';

/** Something that has happened: as people read it, and as programs do. */
export interface EventLine {
  readonly text: string;
  /** Its `event` is the name; what is `undefined` is left out of the JSON. */
  readonly record: { readonly event: string } & Readonly<Record<string, unknown>>;
}

/** Things that happen to one path. */
const DONE_TO_PATHS = {
  'file.removed': 'removed',
  'directory.created': 'made the directory',
  'directory.removed': 'removed the directory',
} as const;

/** One of the events that tell of a path alone. */
export type PathEventName = keyof typeof DONE_TO_PATHS;

/** Requests by the names of the drafts, as people call them; any other one is called by its name. */
const WORDS_OF_OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['opendir', 'list'],
  ['remove', 'remove'],
  ['setstat', 'change'],
  ['fsetstat', 'change'],
  ['mkdir', 'make the directory'],
  ['rmdir', 'remove the directory'],
  ['posix-rename@openssh.com', 'rename'],
  ['lsetstat@openssh.com', 'change'],
  ['hardlink@openssh.com', 'link'],
]);

/** The lines of a server that listens: where, and by which keys it is known. */
export function listeningLines(
  { address, port }: ServerListeningEvent,
  hostKeys: readonly Pick<HostKey, 'type' | 'fingerprint'>[],
): EventLine & { readonly more: readonly string[] } {
  const host = address.includes(':') ? `[${address}]` : address;
  const keys = hostKeys.map(({ type, fingerprint }) => ({ type, fingerprint }));
  return {
    text: `SFTP server listening on ${host}:${port}`,
    more: keys.map(({ type, fingerprint }) => `Host key ${type} ${fingerprint}`),
    record: { event: 'server.listening', address, port, hostKeys: keys },
  };
}

/** The line of a log-in. */
export function loggedInLine({ session }: SessionOpenedEvent): EventLine {
  const { id, username: user, peer } = session;
  const { address, port } = peer;
  return {
    text: `${quoted(user)} logged in from ${address}`,
    record: { event: 'session.opened', session: id, user, address, port },
  };
}

/** The line of an attempt to log in that has failed. */
export function notLoggedInLine(event: AuthenticationFailedEvent): EventLine {
  const { connectionId: session, username: user, address, port, method, failures } = event;
  return {
    text: `${quoted(user)} was refused from ${address} by ${methodName(method)}`,
    record: { event: 'auth.failed', session, user, address, port, method, failures },
  };
}

/** The line of a connection that was refused, or ended because a limit was reached. */
export function refusedConnectionLine(event: ConnectionRefusedEvent): EventLine {
  const { connectionId: session, username: user, address, port, reason } = event;
  const whose = user === undefined ? '' : ` of ${quoted(user)}`;
  return {
    text: `A connection${whose} from ${address} was refused or ended: ${reason}`,
    record: { event: 'connection.refused', session, user, address, port, reason },
  };
}

/** The line of an upload that is stored. */
export function uploadedLine(event: UploadCompletedEvent): EventLine {
  const { path, bytes, size, duration } = event;
  return line(event, 'upload.completed', `uploaded ${quoted(path)} (${bytes} bytes)`, {
    path,
    bytes,
    size,
    duration,
  });
}

/** The line of an upload that has not become a file. */
export function notUploadedLine(event: UploadAbortedEvent): EventLine {
  const { path, bytes, duration, reason, error } = event;
  const message = error && messageWithCauses(error);
  const why = message === undefined ? reason : `${reason}: ${message}`;
  return line(event, 'upload.aborted', `did not finish ${quoted(path)} (${bytes} bytes; ${why})`, {
    path,
    bytes,
    duration,
    reason,
    error: message,
  });
}

/** The line of a download. */
export function downloadedLine(event: DownloadCompletedEvent): EventLine {
  const { path, bytes, duration } = event;
  return line(event, 'download.completed', `downloaded ${quoted(path)} (${bytes} bytes)`, {
    path,
    bytes,
    duration,
  });
}

/** The line of a removal, or of a new directory. */
export function pathLine(name: PathEventName, event: PathEvent): EventLine {
  const { path } = event;
  return line(event, name, `${DONE_TO_PATHS[name]} ${quoted(path)}`, { path });
}

/** The line of a new name. */
export function renamedLine(event: FileRenamedEvent): EventLine {
  const { from, to } = event;
  return line(event, 'file.renamed', `renamed ${quoted(from)} to ${quoted(to)}`, { from, to });
}

/** The line of a request that was refused because its user may not do that; nothing for any other one. */
export function refusedRequestLine(message: OperationMessage): EventLine | undefined {
  const { error, session, operation, path, to } = message;
  if (error === undefined || !['EACCES', 'EPERM', 'EROFS'].includes(error.code)) return undefined;
  const what = WORDS_OF_OPERATIONS.get(operation) ?? operation;
  const where = [path, to].flatMap((named) => (named === undefined ? [] : quoted(named)));
  return line(
    { session },
    'request.refused',
    `was refused to ${[what, where.join(' to ')].join(' ').trimEnd()}: ${error.code}`,
    { operation, path, to, code: error.code },
  );
}

/** Whatever the client has written, if it is not one that there is. */
function methodName(method: string): string {
  return ['password', 'publickey', 'keyboard-interactive'].includes(method)
    ? method
    : quoted(method);
}

function line(
  { session: { id, username } }: Pick<StorageEvent, 'session'>,
  event: string,
  text: string,
  record: Readonly<Record<string, unknown>>,
): EventLine {
  return {
    text: `${quoted(username)} ${text}`,
    record: { event, session: id, user: username, ...record },
  };
}
