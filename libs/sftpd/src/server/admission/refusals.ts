import type { Log } from '../../events/log.js';
import type { RefusalReason } from '../../events/connection-events.js';
import type { SftpEvents } from '../../events/sftp-events.js';
import { countedAs } from './address.js';
import { RefusalLog } from './refusal-log.js';

/** A connection that is refused or cut off. */
export interface RefusedConnection {
  /** None when it was refused before it got one. */
  readonly id: string | undefined;
  readonly address: string;
  readonly port: number;
  readonly username?: string | undefined;
}

/** Tells of each refusal by one event, and by one line of the log unless there are too many of a kind. */
export class Refusals {
  readonly #events: SftpEvents;
  readonly #log: RefusalLog;

  constructor(events: SftpEvents, log: Log) {
    this.#events = events;
    this.#log = new RefusalLog(log);
  }

  /**
   * Tells of a refusal.
   *
   * @param detail for the log: why, with the name of the option
   */
  tell(connection: RefusedConnection, reason: RefusalReason, detail: string): void {
    const { id, address } = connection;
    const line =
      id === undefined
        ? `A connection from ${address} was refused: ${detail}`
        : `[${id}] The connection from ${address} was ended: ${detail}`;
    this.#log.refused(countedAs(address), reason, line);
    this.tellByEvent(connection, reason);
  }

  /** Tells of a refusal by its event alone, where somebody else logs it. */
  tellByEvent(connection: RefusedConnection, reason: RefusalReason): void {
    const { id: connectionId, address, port, username } = connection;
    this.#events.emit('connection.refused', { connectionId, address, port, username, reason });
  }

  /** Logs what has been counted and not told yet. */
  flush(): void {
    this.#log.flush();
  }
}
