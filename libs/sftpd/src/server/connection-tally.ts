import { quoted } from '../events/printable.js';

/** Messages of one kind above which they are worth a word: no client needs as many. */
const MANY = 100;
/** The same for key exchanges, of which a long transfer has some. */
const MANY_KEY_EXCHANGES = 10;

const GLOBAL_REQUEST = 80;
/** Messages that serve a connection, by their numbers (RFC 4250, section 4.1.2): first and last of each range. */
const SERVING = [
  [1, 1],
  [5, 6],
  [20, 49],
  [50, 79],
  [90, 127],
] as const;

/** What there is to tell of a connection at its end. */
export interface ConnectionEnd {
  /** Who had logged in. */
  readonly username: string | undefined;
  /** SFTP channels that it has had. */
  readonly channels: number;
  /** Requests on them. */
  readonly requests: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes that the client had not taken when the connection ended. */
  readonly unsentBytes: number;
}

/** What the log is told of a connection at its end. */
export interface ConnectionSummary {
  readonly line: string;
  /** Whether the client has done what no client needs to do. */
  readonly unusual: boolean;
}

/** Counts what comes on one connection, for the line that the log gets at its end. */
export class ConnectionTally {
  readonly #since = Date.now();
  #globalRequests = 0;
  #useless = 0;
  #keyExchanges = 0;

  /** A message of a client has come. */
  message(type: number): void {
    if (type === GLOBAL_REQUEST) this.#globalRequests += 1;
    else if (!SERVING.some(([first, last]) => type >= first && type <= last)) this.#useless += 1;
  }

  /** Keys have been exchanged. */
  keyExchange(): void {
    this.#keyExchanges += 1;
  }

  /** What the connection was used for, and what was unusual about it. */
  summary({
    username,
    channels,
    requests,
    bytesIn,
    bytesOut,
    unsentBytes,
  }: ConnectionEnd): ConnectionSummary {
    const seconds = ((Date.now() - this.#since) / 1000).toFixed(1);
    const usual = [
      username === undefined ? 'nobody had logged in' : quoted(username),
      `${channels} ${channels === 1 ? 'channel' : 'channels'}`,
      `${requests} ${requests === 1 ? 'request' : 'requests'}`,
      `${bytesIn} bytes in`,
      `${bytesOut} bytes out`,
    ];
    const unusual = [
      this.#globalRequests > MANY && `${this.#globalRequests} global requests`,
      this.#useless > MANY && `${this.#useless} messages of no use`,
      this.#keyExchanges > MANY_KEY_EXCHANGES && `${this.#keyExchanges} key exchanges`,
      unsentBytes > 0 && `${unsentBytes} bytes that it did not take`,
    ].filter((text) => text !== false);
    return {
      line: `Closed after ${seconds} s: ${[...usual, ...unusual].join(', ')}`,
      unusual: unusual.length > 0,
    };
  }
}
