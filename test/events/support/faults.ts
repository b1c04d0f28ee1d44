import type { FileWriter, OpenFile, SftpBackend } from 'nestjs-sftpd';

import { within } from '../../support/raw-transport.js';

/** A method of a backend, or of what it hands out: `file.close`, `writer.finish`. */
export type FaultPoint =
  keyof SftpBackend | `file.${keyof OpenFile}` | `writer.${keyof FileWriter}`;

/** Does what a call is to do; `real` is what it would have done. */
export type Behaviour = (real: () => unknown) => unknown;

type Method = (...values: unknown[]) => unknown;

const PARTS: Readonly<Record<string, 'file' | 'writer'>> = {
  openFile: 'file',
  beginWrite: 'writer',
};

/** Makes single calls of any backend misbehave, which is otherwise as it was. */
export class Faults {
  #point: FaultPoint | undefined;
  #behave: Behaviour = (real) => real();

  /** The backend, of which from now on the planted call misbehaves. */
  around(backend: SftpBackend): SftpBackend {
    return this.#wrap(backend, '');
  }

  /** From now on these calls do this instead of what they should. */
  plant(point: FaultPoint, behave: Behaviour): void {
    this.#point = point;
    this.#behave = behave;
  }

  /** From now on these calls fail. */
  fail(point: FaultPoint, error: Error): void {
    this.plant(point, () => Promise.reject(error));
  }

  /** Holds the next such call up. */
  hold(point: FaultPoint): HeldCall {
    const called = deferred();
    const released = deferred();
    this.plant(point, async (real) => {
      this.#point = undefined;
      called.resolve();
      await released.promise;
      return real();
    });
    return {
      get called() {
        return within(called.promise, `a call of ${point}`);
      },
      release: (error) => {
        if (error === undefined) released.resolve();
        else released.reject(error);
      },
    };
  }

  /** Everything is as it should be again. */
  mend(): void {
    this.#point = undefined;
  }

  #wrap<T extends object>(target: T, prefix: string): T {
    return new Proxy(target, {
      get: (_target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function' || typeof key !== 'string' || key === 'constructor') {
          return value;
        }
        return (...values: unknown[]) =>
          this.#call(`${prefix}${key}`, () => (value as Method).apply(target, values));
      },
    });
  }

  #call(point: string, real: () => unknown): unknown {
    const outcome = this.#point === point ? this.#behave(real) : real();
    const part = PARTS[point];
    if (part === undefined) return outcome;
    return Promise.resolve(outcome).then((made) => this.#wrap(made as object, `${part}.`));
  }
}

/** A call that waits until it is let go. */
export interface HeldCall {
  readonly called: Promise<void>;
  /** Lets it do what it should, or fail. */
  release(error?: Error): void;
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

/** A promise that is settled from outside. */
export function deferred(): Deferred {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
