import { SftpError } from 'nestjs-sftpd';

/** Gives an upload's slot back; further calls do nothing. */
export type ReleaseSlot = () => void;

/** Admits so many uploads at a time. Who comes above that waits for a while, in the order of arrival. */
export class UploadSlots {
  readonly #waiting = new Set<() => void>();
  readonly #maxWait: number;
  #free: number;

  /** @param maxWait milliseconds to wait for a slot */
  constructor(count: number, maxWait: number) {
    this.#free = count;
    this.#maxWait = maxWait;
  }

  /** @throws SftpError `EAGAIN` when none has become free in time */
  async take(): Promise<ReleaseSlot> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#giveBack();
    };
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(admit);
        reject(new SftpError('EAGAIN', 'Too many uploads at a time; try again later'));
      }, this.#maxWait);
      this.#waiting.add(admit);
    });
  }

  /** Straight to who has waited longest, so that nobody who comes now is faster. */
  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
    } else {
      this.#waiting.delete(next);
      next();
    }
  }
}
