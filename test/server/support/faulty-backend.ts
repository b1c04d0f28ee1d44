import type { FileWriter, OpenFile, RandomAccessBackend, SftpBackend } from 'nestjs-sftpd';

import { levelBackend, type Level } from '../../support/level-backends.js';

/** How a backend reaches the content of files: in every way that the contract knows. */
export type AnyLevel = 'random-access' | Level;

/** A method of a backend, or of what it hands out: `file.read`, `writer.finish`, `entries.next`. */
export type FaultPoint =
  | keyof SftpBackend
  | `file.${keyof OpenFile}`
  | `writer.${keyof FileWriter}`
  | `entries.${'next' | 'return'}`;

type Method = (...values: unknown[]) => unknown;
type Methods = Readonly<Record<string, Method | undefined>>;

const METHODS = [
  ...['listDir', 'fileInfo', 'linkInfo', 'makeDir', 'delDir', 'delete', 'rename'],
  ...['setAttributes', 'setLinkAttributes', 'symlink', 'readLink', 'hardLink', 'statVfs'],
  ...['copy', 'ownerNames', 'openFile', 'readFileRange', 'beginWrite', 'readFile', 'writeFile'],
];

/** A well-behaved backend of one level, of which single calls can be made to misbehave. */
export class FaultyBackend {
  /** What the server is given. */
  readonly backend: SftpBackend;
  #point: FaultPoint | undefined;
  #behave: Method = () => undefined;

  constructor(level: AnyLevel, storage: RandomAccessBackend) {
    const real = level === 'random-access' ? storage : levelBackend(level, storage);
    const methods = real as unknown as Methods;
    const parts: Record<string, (value: unknown) => unknown> = {
      openFile: (file) => this.#part('file', file),
      beginWrite: (writer) => this.#part('writer', writer),
      listDir: (entries) => ({ [Symbol.asyncIterator]: () => this.#entries(entries) }),
    };
    const wrapped = METHODS.filter((name) => methods[name] !== undefined).map((name) => [
      name,
      (...values: unknown[]) => {
        if (this.#point === name) return this.#behave(...values);
        const outcome = methods[name]?.call(real, ...values);
        const part = parts[name];
        return part === undefined ? outcome : Promise.resolve(outcome).then(part);
      },
    ]);
    this.backend = {
      ...(Object.fromEntries(wrapped) as SftpBackend),
      supportsSync: level === 'random-access',
    };
  }

  /** From now on a call does this instead of what it should. */
  plant(point: FaultPoint, behave: () => unknown): void {
    this.#point = point;
    this.#behave = behave;
  }

  /** Everything is as it should be again. */
  mend(): void {
    this.#point = undefined;
  }

  /** The methods of an open file or a writer. */
  #part(kind: 'file' | 'writer', part: unknown): Methods {
    const names = ['read', 'write', 'stat', 'setAttributes', 'sync', 'close', 'finish', 'abort'];
    const methods = part as Methods;
    const wrapped = names
      .filter((name) => methods[name] !== undefined)
      .map((name) => [
        name,
        (...values: unknown[]) =>
          this.#point === `${kind}.${name}`
            ? this.#behave(...values)
            : methods[name]?.call(part, ...values),
      ]);
    return Object.fromEntries(wrapped) as Methods;
  }

  #entries(entries: unknown): AsyncIterator<unknown> {
    const iterator = (entries as Iterable<unknown>)[Symbol.iterator]();
    const call = (point: FaultPoint, real: () => unknown): Promise<IteratorResult<unknown>> =>
      (this.#point === point ? this.#behave() : Promise.resolve(real())) as Promise<
        IteratorResult<unknown>
      >;
    return {
      next: () => call('entries.next', () => iterator.next()),
      return: () => call('entries.return', () => ({ done: true, value: undefined })),
    };
  }
}
