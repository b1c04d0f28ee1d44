import type { SftpSession } from '../../filesystem/session.js';
import { MalformedMessageError, MessageReader } from '../wire/message-reader.js';
import { type Operation, WIRE_VERSION } from '../wire/operations.js';
import { decodeSession } from '../wire/session.js';

/** One message of a client, whose fields are read as they are needed. */
export class ServedRequest {
  /** Unique among all requests of all clients. */
  readonly id: string;
  readonly fields: MessageReader;
  readonly #session: MessageReader | undefined;

  /** @throws MalformedMessageError when it is no message of this version; to be described needs none */
  constructor(operation: Operation, message: unknown) {
    this.fields = new MessageReader(message);
    if (operation !== 'describe' && this.fields.integer('version') !== WIRE_VERSION) {
      throw new MalformedMessageError(
        `the message is of version ${this.fields.integer('version')} and this side speaks ${WIRE_VERSION}: ` +
          'both need the same version of nestjs-sftpd',
      );
    }
    this.id = this.fields.text('request');
    this.#session = this.fields.optional('session', 'record');
  }

  /** Whose call this is. @throws MalformedMessageError when the message does not say it */
  get session(): SftpSession {
    return decodeSession(this.#session ?? this.fields.record('session'));
  }
}
