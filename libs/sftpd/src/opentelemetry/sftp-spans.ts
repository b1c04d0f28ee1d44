import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';

import type {
  ConnectionRefusedEvent,
  SessionClosedEvent,
  SessionOpenedEvent,
} from '../events/connection-events.js';
import type {
  UploadAbortedEvent,
  UploadCompletedEvent,
  UploadStartedEvent,
} from '../events/storage-events.js';
import type { ConnectionMessage } from '../events/tracing-messages.js';
import {
  Attribute,
  connectionAttributes,
  sessionAttributes,
  uploadAttributes,
} from './attributes.js';

/** Spans of connections, of their sessions, and of the uploads of those. They are as many as the server lets be open. */
export class SftpSpans {
  readonly #tracer: Tracer;
  readonly #connections = new Map<string, Span>();
  readonly #sessions = new Map<string, Span>();
  readonly #uploads = new Map<string, Span>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  connectionOpened(message: ConnectionMessage): void {
    const span = this.#tracer.startSpan(
      'sftp.connection',
      { kind: SpanKind.SERVER, attributes: connectionAttributes(message), root: true },
      ROOT_CONTEXT,
    );
    this.#connections.set(message.connectionId, span);
  }

  /** @returns whether its beginning was told */
  connectionClosed(message: ConnectionMessage): boolean {
    const { connectionId, session, bytesReceived, bytesSent, error } = message;
    return end(this.#connections, connectionId, error, {
      [Attribute.BYTES_RECEIVED]: bytesReceived,
      [Attribute.BYTES_SENT]: bytesSent,
      ...(session && { [Attribute.USER_NAME]: session.username }),
    });
  }

  /** A connection, or a channel of one, has come to a limit. */
  connectionRefused({ connectionId = '', reason }: ConnectionRefusedEvent): void {
    const attributes = { [Attribute.REFUSAL_REASON]: reason };
    this.#connections.get(connectionId)?.addEvent('sftp.connection.refused', attributes);
  }

  sessionOpened(event: SessionOpenedEvent): void {
    const { id } = event.session;
    const attributes = sessionAttributes(event);
    this.#sessions.set(id, this.#child('sftp.session', this.#connections.get(id), attributes));
  }

  sessionClosed({ session }: SessionClosedEvent): void {
    end(this.#sessions, session.id, undefined, {});
  }

  uploadStarted(event: UploadStartedEvent): void {
    const parent = this.#sessions.get(event.session.id);
    const span = this.#child('sftp.upload', parent, uploadAttributes(event));
    this.#uploads.set(event.transferId, span);
  }

  uploadCompleted({ transferId, bytes, size }: UploadCompletedEvent): void {
    end(this.#uploads, transferId, undefined, {
      [Attribute.TRANSFER_BYTES]: bytes,
      [Attribute.FILE_SIZE]: size,
      [Attribute.UPLOAD_OUTCOME]: 'completed',
    });
  }

  uploadAborted({ transferId, bytes, reason, error }: UploadAbortedEvent): void {
    const attributes = {
      [Attribute.TRANSFER_BYTES]: bytes,
      [Attribute.UPLOAD_OUTCOME]: 'aborted',
      [Attribute.ERROR_TYPE]: reason,
    };
    const status = { code: SpanStatusCode.ERROR, message: reason };
    end(this.#uploads, transferId, error, attributes, status);
  }

  /** Ends what is still open: nobody will tell of its end any more. */
  close(): void {
    for (const spans of [this.#uploads, this.#sessions, this.#connections]) {
      for (const span of spans.values()) span.end();
      spans.clear();
    }
  }

  #child(name: string, parent: Span | undefined, attributes: Attributes): Span {
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
    return this.#tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes }, context);
  }
}

function end(
  spans: Map<string, Span>,
  id: string,
  error: Error | undefined,
  attributes: Attributes,
  status: SpanStatus | undefined = error && { code: SpanStatusCode.ERROR },
): boolean {
  const span = spans.get(id);
  if (span === undefined) return false;
  spans.delete(id);
  if (error !== undefined) {
    span.recordException({ name: error.name, message: error.message });
    span.setAttribute(Attribute.ERROR_TYPE, errorType(error));
  }
  if (status !== undefined) span.setStatus(status);
  span.setAttributes(attributes);
  span.end();
  return true;
}

/** The code of an error, e.g. `ECONNRESET`; else the name of its class. */
function errorType(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
