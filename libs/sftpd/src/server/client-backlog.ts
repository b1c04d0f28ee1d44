/** Bytes that every path can have under way: a few packets, so that a fast one never runs dry. */
const MIN_LIMIT = 256 * 1024;

/**
 * What may be under way, in parts of what the path holds: the client is to have the next bytes when it looks for
 * them, and a limit that is too low grows by this with each round trip.
 */
const GAIN = 1.5;

/** Milliseconds without a sign of the client after which it is allowed to tell in larger steps. */
const STALL_TIMEOUT = 1000;

/** A moment, with how far sending and consuming had come. */
interface Mark {
  readonly time: number;
  readonly sent: number;
  readonly consumed: number;
}

/** What a backlog is told by and tells. */
export interface BacklogOptions {
  /** The channel's window for sending, in bytes, as the client has granted it (RFC 4254, section 5.2). */
  readonly window: () => number;
  /** Called when more may be sent although the client has given no sign. */
  readonly resume: () => void;
  /** Milliseconds from any fixed moment. */
  readonly now: () => number;
}

/**
 * Keeps what is under way to a client near what its path can hold, however large the window is that it grants.
 *
 * OpenSSH's client moves what it has received and not yet consumed about in memory again and again. With its
 * whole window of 2 MiB full, that costs it more than all the rest: a local download takes twice as long as
 * with 256 KiB. So a channel starts with little under way. The least time that a byte has taken to be consumed,
 * and the rate at which bytes are, tell what the path holds; half as much again is allowed, so that over a long
 * path the limit grows with each round trip until the window itself is the limit.
 */
export class ClientBacklog {
  readonly #window: () => number;
  readonly #resume: () => void;
  readonly #now: () => number;
  #fullWindow = 0;
  #floor = MIN_LIMIT;
  #limit = MIN_LIMIT;
  #mark: Mark;
  #consumed = 0;
  /** Milliseconds. */
  #leastDelay = Infinity;
  /** Bytes in a millisecond. */
  #rate = 0;
  #stallTimer: NodeJS.Timeout | undefined;

  constructor({ window, resume, now }: BacklogOptions) {
    this.#window = window;
    this.#resume = resume;
    this.#now = now;
    this.#mark = { time: now(), sent: 0, consumed: 0 };
  }

  /**
   * Whether the client has enough to do.
   *
   * @param sent bytes that have been sent since the beginning
   * @param pending bytes that are going to be sent
   */
  enough(sent: number, pending: number): boolean {
    const window = this.#window();
    this.#fullWindow = Math.max(this.#fullWindow, window);
    const unconsumed = this.#fullWindow - window;
    this.#consumed = sent - unconsumed;
    if (this.#consumed > this.#mark.sent) this.#endRound(sent);
    const enough = unconsumed + pending > this.#limit;
    if (enough) this.#watch();
    return enough;
  }

  /** A byte has been consumed that was sent after the mark. */
  #endRound(sent: number): void {
    const time = this.#now();
    const delay = time - this.#mark.time;
    if (delay > 0) {
      const rate = (this.#consumed - this.#mark.consumed) / delay;
      // The rate may fall for good; what a busy client or path does for a moment is not its best.
      this.#rate = Math.max(rate, this.#rate * 0.9);
      this.#leastDelay = Math.min(delay, this.#leastDelay);
      this.#limit = Math.max(this.#floor, GAIN * this.#rate * this.#leastDelay);
    }
    this.#mark = { time, sent, consumed: this.#consumed };
  }

  #watch(): void {
    if (this.#stallTimer !== undefined) return;
    const before = this.#consumed;
    this.#stallTimer = setTimeout(() => {
      this.#stallTimer = undefined;
      if (this.#consumed === before) {
        this.#floor *= 2;
        this.#limit = Math.max(this.#limit, this.#floor);
      }
      this.#resume();
    }, STALL_TIMEOUT).unref();
  }
}
