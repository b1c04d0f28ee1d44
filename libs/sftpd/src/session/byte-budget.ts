/** Who asks a budget for room, and may have to wait for it. */
export interface RoomSeeker {
  /** Called when it is the seeker's turn to ask again. */
  resume(): void;
}

/**
 * Memory that many share, in bytes, as a part of what still more share. It counts what is held and tells whether there
 * is room for more; it refuses nothing: whoever holds nothing may go on without asking, so that all come to an end.
 *
 * Those who find no room wait in a line, and newcomers behind them. When there is room again they are asked one by
 * one, in a turn of the event loop of their own.
 */
export class ByteBudget {
  readonly #limit: number;
  readonly #waiting = new Set<RoomSeeker>();
  #parent: ByteBudget | undefined;
  #used = 0;
  #turn: RoomSeeker | undefined;
  #calling = false;

  /**
   * @param limit above which there is no room, in bytes
   * @param parent what this is a part of
   */
  constructor(limit: number, parent?: ByteBudget) {
    this.#limit = limit;
    this.#parent = parent;
  }

  /** Bytes that are held. */
  get used(): number {
    return this.#used;
  }

  /** @param bytes that are held from now on; a negative number are not any more */
  add(bytes: number): void {
    this.#used += bytes;
    if (bytes < 0) this.#callIfThereIsRoom();
    this.#parent?.add(bytes);
  }

  /** Whether the seeker may hold more; if not, it waits in the line and is told by its `resume`. */
  admits(seeker: RoomSeeker): boolean {
    const first = this.#waiting.size === 0 || this.#turn === seeker;
    if (first && this.#hasRoom) return this.#parent?.admits(seeker) ?? true;
    this.#waiting.add(seeker);
    this.#callIfThereIsRoom();
    return false;
  }

  /** Takes a seeker out of the line. */
  forget(seeker: RoomSeeker): void {
    this.#waiting.delete(seeker);
    this.#parent?.forget(seeker);
  }

  /** Gives all that is held here back to what this is a part of, for good. */
  close(): void {
    this.#waiting.clear();
    this.#parent?.add(-this.#used);
    this.#parent = undefined;
  }

  get #hasRoom(): boolean {
    return this.#used < this.#limit;
  }

  #callIfThereIsRoom(): void {
    if (this.#calling || this.#waiting.size === 0 || !this.#hasRoom) return;
    this.#calling = true;
    // Not at once: one who gives back would otherwise do the work of others, in calls that go ever deeper.
    setImmediate(this.#callWaiting);
  }

  readonly #callWaiting = (): void => {
    this.#calling = false;
    for (const seeker of this.#waiting) {
      if (!this.#hasRoom) break;
      this.#waiting.delete(seeker);
      this.#turn = seeker;
      seeker.resume();
      this.#turn = undefined;
    }
  };
}
