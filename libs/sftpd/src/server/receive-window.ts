import type { WindowBudget } from './window-budget.js';

/** What ssh2 lets a client send before it has to wait (RFC 4254, section 5.2), in bytes; it fills this up itself. */
export const LEAST_WINDOW = 2 * 1024 * 1024;

/** Milliseconds there and back below which the least window is never in a client's way. */
const MIN_ROUND_TRIP = 4;
/** Windows that a path of that rate would fill: the rate doubles for as long as the window was what limited it. */
const GAIN = 4;

/** What must have been used of a window before it is filled up, as that costs a message. */
const STEP = 0.25;

/** The end of an SSH channel that the client sends to. */
export interface ReceivingEnd {
  /** Bytes that the client may still send. */
  readonly left: () => number;
  /** Lets the client send so many bytes more. */
  readonly grant: (bytes: number) => void;
}

/** What a {@link ReceiveWindow} is told by. */
export interface ReceiveWindowOptions {
  readonly end: ReceivingEnd;
  /** How large it may grow, in bytes. */
  readonly limit: number;
  /** What all windows of the server may have beyond the least. */
  readonly budget: WindowBudget;
  /** Least time that the client has taken to answer, in milliseconds. */
  readonly roundTrip: () => number | undefined;
  /** Milliseconds from any fixed moment. */
  readonly now: () => number;
}

/** How far receiving had come, and when. */
interface Mark {
  readonly time: number;
  readonly received: number;
}

/**
 * Lets a client that sends fast over a long way send more before it has to wait. With the window that ssh2 gives, a
 * client sends 2 MiB in a round trip and no more: 40 MB/s when the server is 50 ms away. The window grows to what the
 * path holds at the client's rate, and the rate with it. Once the server cannot keep up, it falls back to the least.
 */
export class ReceiveWindow {
  readonly #options: ReceiveWindowOptions;
  #size = LEAST_WINDOW;
  /** Beyond the least, in bytes. */
  #reserved = 0;
  #mostReserved = 0;
  #mark: Mark;

  constructor(options: ReceiveWindowOptions) {
    this.#options = options;
    this.#mark = { time: options.now(), received: 0 };
  }

  /** The most that the client has been allowed beyond the least window, in bytes: as much of it may wait unread. */
  get mostExtra(): number {
    return this.#mostReserved;
  }

  /**
   * Something may have come.
   *
   * @param received bytes that have come until now
   * @param behind whether some of them wait, as there is no room for them
   */
  update(received: number, behind: boolean): void {
    const roundTrip = this.#options.roundTrip();
    if (roundTrip === undefined || roundTrip < MIN_ROUND_TRIP) return;
    if (behind) this.#size = LEAST_WINDOW;
    else this.#measure(received, roundTrip);
    this.#settle();
    if (this.#size > LEAST_WINDOW) this.#fillUp();
  }

  /** The channel is over. */
  close(): void {
    this.#options.budget.resize(this.#reserved, 0);
    this.#reserved = 0;
  }

  #measure(received: number, roundTrip: number): void {
    const time = this.#options.now();
    const elapsed = time - this.#mark.time;
    if (elapsed < roundTrip) return;
    const rate = (received - this.#mark.received) / elapsed;
    this.#mark = { time, received };
    const wanted = Math.min(Math.ceil(GAIN * rate * roundTrip), this.#options.limit);
    // What has been granted cannot be taken back, and a client that pauses will go on: it only ever grows.
    if (wanted > this.#size) this.#size = wanted;
  }

  /** Brings what is reserved in line with what the client may send. */
  #settle(): void {
    const { budget, end } = this.#options;
    // What a window that has fallen back had been granted is reserved until it is used up.
    const needed = Math.max(0, this.#size - LEAST_WINDOW, end.left() - LEAST_WINDOW);
    this.#reserved = budget.resize(this.#reserved, needed);
    this.#mostReserved = Math.max(this.#mostReserved, this.#reserved);
    this.#size = Math.min(this.#size, LEAST_WINDOW + this.#reserved);
  }

  #fillUp(): void {
    const { end } = this.#options;
    const left = end.left();
    if (this.#size - left >= this.#size * STEP) end.grant(this.#size - left);
  }
}
