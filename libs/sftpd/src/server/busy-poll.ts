import { availableParallelism } from 'node:os';

/** Milliseconds from an answer to the next request within which a client is near, and waits for each answer. */
const NEAR = 1;
/**
 * Bytes, in one direction, of a client that does not wait for each answer: more is on its way, or the way, or its own
 * work, is what holds it up.
 */
const BULK = 16 * 1024;

/**
 * Keeps the event loop looking for a while, instead of going to sleep at once, when a client is about to send its next
 * request: to be woken again takes longer than to serve most requests, above all on a virtual machine.
 */
export class BusyPoll {
  readonly #milliseconds: number;
  #until = 0;
  #looking = false;

  /**
   * @param microseconds for which it looks; 0 for never
   * @param processors of the machine: with a single one the client could not get on meanwhile
   */
  constructor(microseconds: number, processors = availableParallelism()) {
    this.#milliseconds = processors > 1 ? microseconds / 1000 : 0;
  }

  /** What one connection has to tell. */
  connection(): BusyPollConnection {
    let answered = -Infinity;
    // A client that is far, or a person, takes longer: nothing would come while we look.
    let near = false;
    let bulk = false;
    let written = 0;
    return {
      came: (bytes) => {
        const now = performance.now();
        near = !bulk && bytes < BULK && now - answered < NEAR;
        if (near) this.#look(now);
      },
      answered: (writtenNow) => {
        answered = performance.now();
        bulk = writtenNow - written >= BULK;
        written = writtenNow;
        if (near && !bulk) this.#look(answered);
      },
    };
  }

  /** Whether the loop does not sleep at the moment. */
  get looking(): boolean {
    return this.#looking;
  }

  #look(now: number): void {
    if (this.#milliseconds === 0) return;
    this.#until = now + this.#milliseconds;
    if (this.#looking) return;
    this.#looking = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#looking = performance.now() < this.#until;
    // As long as there is one, the loop looks for what has come, and does not wait for it.
    if (this.#looking) setImmediate(this.#turn);
  };
}

/** What a connection tells a {@link BusyPoll}. */
export interface BusyPollConnection {
  /** So many bytes have come. */
  came(bytes: number): void;
  /**
   * Answers are on their way.
   *
   * @param written bytes that the client has been sent until now
   */
  answered(written: number): void;
}
