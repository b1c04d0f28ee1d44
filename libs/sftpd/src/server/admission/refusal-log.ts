import type { Log } from '../../events/log.js';

/** Milliseconds in which one line tells of refusals that are alike. */
const INTERVAL = 1000;

/** Kinds of refusals that are told apart at once; the rest share a line. */
const MAX_KINDS = 1000;

interface Kind {
  /** Of the last line. */
  time: number;
  /** Refusals since then. */
  untold: number;
  readonly what: string;
}

/**
 * Logs refusals, of those that are alike one a second: the others are counted, so that nobody can fill the disk
 * with them.
 */
export class RefusalLog {
  readonly #log: Pick<Log, 'warn'>;
  readonly #now: () => number;
  readonly #kinds = new Map<string, Kind>();
  #timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds from any fixed moment */
  constructor(log: Pick<Log, 'warn'>, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /**
   * @param address where the refused connection comes from
   * @param reason refusals of one address and one reason are alike
   * @param line what to log
   */
  refused(address: string, reason: string, line: string): void {
    const key = this.#keyOf(address, reason);
    const kind = this.#kinds.get(key);
    if (kind !== undefined) {
      kind.untold++;
      return;
    }
    this.#kinds.set(key, {
      time: this.#now(),
      untold: 0,
      what: key === reason ? `other addresses (${reason})` : `${address} (${reason})`,
    });
    this.#log.warn(line);
    this.#timer ??= setTimeout(() => {
      this.#tell();
    }, INTERVAL).unref();
  }

  /** Logs what has been counted and not told yet. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const kind of this.#kinds.values()) this.#tellOf(kind);
    this.#kinds.clear();
  }

  #keyOf(address: string, reason: string): string {
    const key = `${reason} ${address}`;
    return this.#kinds.has(key) || this.#kinds.size < MAX_KINDS ? key : reason;
  }

  #tell(): void {
    const now = this.#now();
    for (const [key, kind] of this.#kinds) {
      if (now - kind.time < INTERVAL) continue;
      if (kind.untold === 0) this.#kinds.delete(key);
      this.#tellOf(kind);
      kind.time = now;
    }
    this.#timer =
      this.#kinds.size === 0
        ? undefined
        : setTimeout(() => {
            this.#tell();
          }, INTERVAL).unref();
  }

  #tellOf(kind: Kind): void {
    if (kind.untold > 0) this.#log.warn(`${kind.untold} more refusals of ${kind.what}`);
    kind.untold = 0;
  }
}
