import type { NewFileOptions, SftpBackend } from '../../backend.js';
import type { AttributeChanges } from '../../file-info.js';
import type { MaybePromise } from '../../maybe-promise.js';
import type { OpenFile, OpenFlags } from '../../open-file.js';
import { isRootPath, normalizePath } from '../../path.js';
import type { SftpSession } from '../../session.js';
import { SftpError } from '../../sftp-error.js';
import type { OpenFileOptions } from '../open-file-options.js';
import { OpenFileStrategies } from '../open-file-strategies.js';

export type ProbedMethod =
  'readFileRange' | 'beginWrite' | 'readFile' | 'writeFile' | 'setAttributes';

export const SESSION: SftpSession = {
  id: 'spec',
  username: 'spec',
  peer: { address: '192.0.2.1', port: 50022, ident: 'spec' },
  attributes: {},
};

const NO_FLAGS: OpenFlags = {
  read: false,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};

/** One directory of files that tells of each call to a file's content, and lets a spec delay it or make it fail. */
export class ProbeStorage {
  readonly files = new Map<string, Buffer>();
  /** Such as `readFileRange 0+32768`, `beginWrite`, `write 0+5`, `finish`. */
  readonly calls: string[] = [];
  /** What files were made with. */
  readonly made: NewFileOptions[] = [];
  readonly attributes: AttributeChanges[] = [];
  /** Comes between a call and what it does. */
  before: (call: string) => MaybePromise<void> = () => undefined;

  /** The calls of one name. */
  callsOf(name: string): string[] {
    return this.calls.filter((call) => call.split(' ')[0] === name);
  }

  /** Methods that do something else than is said of them. */
  instead: Partial<Record<ProbedMethod | 'fileInfo', () => unknown>> = {};

  /** A backend with the methods that are named. */
  backend(...methods: readonly ProbedMethod[]): SftpBackend {
    const content = this.#content();
    const chosen = Object.fromEntries(methods.map((name) => [name, content[name]]));
    return { ...this.#tree(), ...chosen, ...this.instead } as SftpBackend;
  }

  /** Opens a file through a strategy; flags that are not named are off. */
  async open(
    methods: readonly ProbedMethod[],
    path: string,
    flags: Partial<OpenFlags>,
    options: OpenFileOptions | OpenFileStrategies = {},
  ): Promise<OpenFile> {
    const strategies =
      options instanceof OpenFileStrategies ? options : new OpenFileStrategies(options);
    const backend = strategies.randomAccess(this.backend(...methods));
    return backend.openFile(normalizePath(path), { ...NO_FLAGS, ...flags }, SESSION);
  }

  async #called(call: string): Promise<void> {
    this.calls.push(call);
    await this.before(call);
  }

  #existing(path: string): Buffer {
    const content = this.files.get(path);
    if (content === undefined) throw new SftpError('ENOENT');
    return content;
  }

  #content(): Required<Pick<SftpBackend, ProbedMethod>> {
    return {
      readFileRange: async (path, offset, length) => {
        await this.#called(`readFileRange ${offset}+${length}`);
        return Buffer.from(this.#existing(path).subarray(offset, offset + length));
      },
      readFile: async (path) => {
        await this.#called('readFile');
        return Buffer.from(this.#existing(path));
      },
      writeFile: async (path, content, options) => {
        await this.#called(`writeFile ${content.length}`);
        this.made.push(options);
        this.files.set(path, Buffer.from(content));
      },
      beginWrite: async (path, options) => {
        await this.#called('beginWrite');
        this.made.push(options);
        const chunks: Buffer[] = [];
        return {
          write: async (offset, chunk) => {
            await this.#called(`write ${offset}+${chunk.length}`);
            chunks.push(Buffer.from(chunk));
          },
          finish: async () => {
            await this.#called('finish');
            this.files.set(path, Buffer.concat(chunks));
          },
          abort: () => this.#called('abort'),
        };
      },
      setAttributes: async (_path, changes) => {
        await this.#called('setAttributes');
        this.attributes.push(changes);
      },
    };
  }

  #tree(): SftpBackend {
    const notHere = (): never => {
      throw new SftpError('ENOTSUP');
    };
    return {
      listDir: () => [],
      fileInfo: (path) =>
        isRootPath(path)
          ? { type: 'directory', size: 0 }
          : { type: 'regular', size: this.#existing(path).length, mode: 0o604 },
      makeDir: notHere,
      delDir: notHere,
      delete: notHere,
      rename: notHere,
    };
  }
}

/** A promise and what settles it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Settles when all that can happen without the outside has happened. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A seeded source of whole numbers from 0 up to, not including, a bound. */
export function dice(seed: number): (bound: number) => number {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
