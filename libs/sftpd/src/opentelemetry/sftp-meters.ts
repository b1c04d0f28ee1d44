import type { Attributes, Counter, Histogram, Meter, UpDownCounter } from '@opentelemetry/api';

import type { AuthenticationFailedEvent, RefusalReason } from '../events/connection-events.js';
import type { UploadAbortedEvent, UploadCompletedEvent } from '../events/storage-events.js';
import type { OperationMessage } from '../events/tracing-messages.js';
import { Attribute } from './attributes.js';

/** Bounds of durations in seconds: requests that memory serves, and such that wait for a store far away. */
const OPERATION_BOUNDARIES = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];
const UPLOAD_BOUNDARIES = [0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 7200];

/** What a method is called that SSH does not know: clients may write what they like. */
const OTHER_METHOD = '_OTHER';
const METHODS: ReadonlySet<string> = new Set([
  'password',
  'publickey',
  'keyboard-interactive',
  'hostbased',
]);

/** Metrics of all servers together. No attribute takes more values than this library has names for. */
export class SftpMeters {
  readonly #io: Counter;
  readonly #operations: Counter;
  readonly #operationDuration: Histogram;
  readonly #connections: UpDownCounter;
  readonly #sessions: UpDownCounter;
  readonly #authFailures: Counter;
  readonly #refusals: Counter;
  readonly #uploads: Counter;
  readonly #uploadDuration: Histogram;

  constructor(meter: Meter) {
    this.#io = meter.createCounter('sftp.server.io', {
      description: 'Content of files that clients have sent and received',
      unit: 'By',
    });
    this.#operations = meter.createCounter('sftp.server.operations', {
      description: 'Requests that have been answered',
      unit: '{operation}',
    });
    this.#operationDuration = meter.createHistogram('sftp.server.operation.duration', {
      description: 'From the arrival of a request until its reply is ready',
      unit: 's',
      advice: { explicitBucketBoundaries: OPERATION_BOUNDARIES },
    });
    this.#connections = meter.createUpDownCounter('sftp.server.active_connections', {
      description: 'Connections whose client has identified itself',
      unit: '{connection}',
    });
    this.#sessions = meter.createUpDownCounter('sftp.server.active_sessions', {
      description: 'Sessions that are logged in',
      unit: '{session}',
    });
    this.#authFailures = meter.createCounter('sftp.server.auth.failures', {
      description: 'Attempts to log in that have failed',
      unit: '{attempt}',
    });
    this.#refusals = meter.createCounter('sftp.server.refusals', {
      description: 'Connections and channels that were not taken, or ended for a limit',
      unit: '{refusal}',
    });
    this.#uploads = meter.createCounter('sftp.server.uploads', {
      description: 'Uploads that have ended',
      unit: '{upload}',
    });
    this.#uploadDuration = meter.createHistogram('sftp.server.upload.duration', {
      description: 'From OPEN until the storage has the file, or it is let go',
      unit: 's',
      advice: { explicitBucketBoundaries: UPLOAD_BOUNDARIES },
    });
  }

  operation({ operation, bytes, error, duration = 0 }: OperationMessage): void {
    const attributes: Attributes = {
      [Attribute.OPERATION]: operation,
      ...(error && { [Attribute.ERROR_TYPE]: error.code }),
    };
    this.#operations.add(1, attributes);
    this.#operationDuration.record(duration / 1000, attributes);
    if (bytes === 0) return;
    const direction = operation === 'write' ? 'receive' : 'transmit';
    this.#io.add(bytes, { [Attribute.IO_DIRECTION]: direction });
  }

  connections(change: 1 | -1): void {
    this.#connections.add(change);
  }

  sessions(change: 1 | -1): void {
    this.#sessions.add(change);
  }

  authFailed({ method }: AuthenticationFailedEvent): void {
    const known = METHODS.has(method) ? method : OTHER_METHOD;
    this.#authFailures.add(1, { [Attribute.AUTH_METHOD]: known });
  }

  refused(reason: RefusalReason): void {
    this.#refusals.add(1, { [Attribute.REFUSAL_REASON]: reason });
  }

  uploadCompleted({ duration }: UploadCompletedEvent): void {
    this.#upload(duration, { [Attribute.UPLOAD_OUTCOME]: 'completed' });
  }

  uploadAborted({ duration, reason }: UploadAbortedEvent): void {
    this.#upload(duration, {
      [Attribute.UPLOAD_OUTCOME]: 'aborted',
      [Attribute.ERROR_TYPE]: reason,
    });
  }

  #upload(milliseconds: number, attributes: Attributes): void {
    this.#uploads.add(1, attributes);
    this.#uploadDuration.record(milliseconds / 1000, attributes);
  }
}
