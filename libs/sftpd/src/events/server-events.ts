import type { Log } from './log.js';

/** Why a connection, a log-in or a channel was refused. Where it is a limit, the name of its option. */
export type RefusalReason =
  | 'access'
  | 'lockout'
  | 'proxyProtocol'
  | 'maxSessions'
  | 'maxSessionsPerAddress'
  | 'maxSessionsPerUser'
  | 'maxPendingLogins'
  | 'maxChannels'
  | 'maxAuthAttempts'
  | 'helloTimeout'
  | 'keyExchangeTimeout'
  | 'loginTimeout'
  | 'idleTimeout'
  | 'keepAlive'
  | 'protocol';

/** A connection or a channel of one was not taken, or ended by the server because a limit was reached. */
export interface ConnectionRefusedEvent {
  /** Of the connection, as in the log; none when it was refused before it got one. */
  readonly connectionId: string | undefined;
  readonly address: string;
  readonly port: number;
  /** Where the client has logged in already. */
  readonly username: string | undefined;
  readonly reason: RefusalReason;
}

/** A client was not let in. */
export interface AuthenticationFailedEvent {
  readonly connectionId: string;
  readonly address: string;
  readonly port: number;
  /** Untrusted text. */
  readonly username: string;
  readonly method: string;
  /** Attempts that have failed on this connection until now. */
  readonly failures: number;
}

/** What happens in a server, by the names of the events. */
export interface SftpEventMap {
  readonly 'connection.refused': ConnectionRefusedEvent;
  readonly 'auth.failed': AuthenticationFailedEvent;
}

/** The name of an event. */
export type SftpEventName = keyof SftpEventMap;

const NAMES: Readonly<Record<SftpEventName, true>> = {
  'connection.refused': true,
  'auth.failed': true,
};

/** Whether there is an event of that name. */
export function isSftpEventName(name: unknown): name is SftpEventName {
  return typeof name === 'string' && Object.hasOwn(NAMES, name);
}

type Listener<Name extends SftpEventName> = (event: SftpEventMap[Name]) => unknown;

/** Tells listeners what happens in a server. What they throw, or reject with, is logged and goes no further. */
export class SftpEvents {
  readonly #log: Pick<Log, 'error'>;
  readonly #listeners = new Map<SftpEventName, Set<Listener<never>>>();

  constructor(log: Pick<Log, 'error'>) {
    this.#log = log;
  }

  /** @returns takes the listener away again */
  on<Name extends SftpEventName>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Tells the listeners in the order in which they came, and waits for none. */
  emit<Name extends SftpEventName>(name: Name, event: SftpEventMap[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) void this.#tell(name, listener, event);
  }

  async #tell(name: string, listener: Listener<never>, event: unknown): Promise<void> {
    try {
      await (listener as (event: unknown) => unknown)(event);
    } catch (error) {
      this.#log.error(
        `A listener of ${name} failed`,
        error instanceof Error ? error.stack : String(error),
      );
    }
  }
}
