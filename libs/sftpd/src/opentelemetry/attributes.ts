import type { Attributes } from '@opentelemetry/api';

import type { ConnectionMessage } from '../events/tracing-messages.js';
import type { SessionOpenedEvent } from '../events/connection-events.js';
import type { UploadStartedEvent } from '../events/storage-events.js';

/** What OpenTelemetry calls the library. */
export const SCOPE = 'nestjs-sftpd';

/** Attributes of spans and metrics: OpenTelemetry's semantic conventions where they have a name, else our own. */
export const Attribute = {
  CLIENT_ADDRESS: 'client.address',
  CLIENT_PORT: 'client.port',
  ERROR_TYPE: 'error.type',
  FILE_PATH: 'file.path',
  FILE_SIZE: 'file.size',
  IO_DIRECTION: 'network.io.direction',
  PROTOCOL_NAME: 'network.protocol.name',
  SESSION_ID: 'session.id',
  TRANSPORT: 'network.transport',
  USER_NAME: 'user.name',
  AUTH_METHOD: 'sftp.auth.method',
  BACKEND: 'sftp.backend',
  BYTES_RECEIVED: 'sftp.connection.bytes_received',
  BYTES_SENT: 'sftp.connection.bytes_sent',
  CONNECTION_ID: 'sftp.connection.id',
  CLIENT_IDENT: 'sftp.client.ident',
  OPERATION: 'sftp.operation',
  REFUSAL_REASON: 'sftp.refusal.reason',
  TRANSFER_BYTES: 'sftp.transfer.bytes',
  TRANSFER_ID: 'sftp.transfer.id',
  UPLOAD_OUTCOME: 'sftp.upload.outcome',
} as const;

/** What the span of a connection begins with. */
export function connectionAttributes({ connectionId, peer }: ConnectionMessage): Attributes {
  return {
    [Attribute.CLIENT_ADDRESS]: peer.address,
    [Attribute.CLIENT_PORT]: peer.port,
    [Attribute.TRANSPORT]: 'tcp',
    [Attribute.PROTOCOL_NAME]: 'ssh',
    [Attribute.CONNECTION_ID]: connectionId,
    [Attribute.CLIENT_IDENT]: peer.ident,
  };
}

/** What the span of a session begins with. */
export function sessionAttributes({ session }: SessionOpenedEvent): Attributes {
  return {
    [Attribute.CLIENT_ADDRESS]: session.peer.address,
    [Attribute.CLIENT_PORT]: session.peer.port,
    [Attribute.TRANSPORT]: 'tcp',
    [Attribute.PROTOCOL_NAME]: 'sftp',
    [Attribute.SESSION_ID]: session.id,
    [Attribute.USER_NAME]: session.username,
  };
}

/** What the span of an upload begins with. */
export function uploadAttributes(upload: UploadStartedEvent): Attributes {
  const { session, backend, path, transferId } = upload;
  return {
    [Attribute.FILE_PATH]: path,
    [Attribute.SESSION_ID]: session.id,
    [Attribute.USER_NAME]: session.username,
    [Attribute.TRANSFER_ID]: transferId,
    ...(backend !== undefined && { [Attribute.BACKEND]: backend }),
  };
}
