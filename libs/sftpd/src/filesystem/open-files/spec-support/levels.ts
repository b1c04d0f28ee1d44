import type { NewFileOptions, RandomAccessBackend, SftpBackend } from '../../backend.js';
import type { FileWriter } from '../../file-writer.js';
import type { OpenFlags } from '../../open-file.js';
import { isRootPath, parentPath, type SftpPath } from '../../path.js';
import type { SftpSession } from '../../session.js';
import { SftpError, toSftpError } from '../../sftp-error.js';

/**
 * Backends of exactly one level of the contract: the tree of a storage with random access, and the methods that are
 * named, nothing else. They are strict: whoever does not keep to the contract is told by an error that is no
 * `SftpError`.
 */
export type Level = Pick<SftpBackend, 'readFileRange' | 'beginWrite' | 'readFile' | 'writeFile'>;

/** Ranges to read, and a writer. */
export function streamingOnly(storage: RandomAccessBackend): SftpBackend {
  return { ...treeOf(storage), ...rangesOf(storage), ...writersOf(storage) };
}

/** Files are read and written whole. */
export function wholeFileOnly(storage: RandomAccessBackend): SftpBackend {
  return { ...treeOf(storage), ...wholeReadsOf(storage), ...wholeWritesOf(storage) };
}

/** Ranges to read; files are written whole. */
export function rangesAndWholeWrites(storage: RandomAccessBackend): SftpBackend {
  return { ...treeOf(storage), ...rangesOf(storage), ...wholeWritesOf(storage) };
}

/** What every backend has: names, but no content. */
export function treeOf(storage: RandomAccessBackend): SftpBackend {
  return {
    listDir: (path, session) => storage.listDir(path, session),
    fileInfo: (path, session) => storage.fileInfo(path, session),
    makeDir: (path, attributes, session) => storage.makeDir(path, attributes, session),
    delDir: (path, session) => storage.delDir(path, session),
    delete: (path, session) => storage.delete(path, session),
    rename: (from, to, options, session) => storage.rename(from, to, options, session),
  };
}

export function rangesOf(storage: RandomAccessBackend): Level {
  return {
    async readFileRange(path, offset, length, session) {
      if (!Number.isInteger(length) || length < 1)
        throw new TypeError(`A range of ${length} bytes`);
      const file = await storage.openFile(path, READ, session);
      const target = Buffer.alloc(length);
      const count = await file.read(target, offset);
      await file.close();
      return target.subarray(0, count);
    },
  };
}

export function wholeReadsOf(storage: RandomAccessBackend): Level {
  return {
    async readFile(path, session) {
      const file = await storage.openFile(path, READ, session);
      const target = Buffer.alloc((await file.stat()).size);
      await file.read(target, 0);
      await file.close();
      return target;
    },
  };
}

export function wholeWritesOf(storage: RandomAccessBackend): Level {
  return {
    writeFile: (path, content, options, session) =>
      replaceFile(storage, path, [content], options, session),
  };
}

export function writersOf(storage: RandomAccessBackend): Level {
  return {
    async beginWrite(path, options, session) {
      await checkTarget(storage, path, options, session);
      return new MemoryWriter((chunks) => replaceFile(storage, path, chunks, options, session));
    },
  };
}

/** Keeps what it is given, and to the rules of {@link FileWriter}. */
class MemoryWriter implements FileWriter {
  readonly #finish: (chunks: readonly Uint8Array[]) => Promise<void>;
  readonly #chunks: Uint8Array[] = [];
  #written = 0;
  #busy = false;
  #ended = false;

  constructor(finish: (chunks: readonly Uint8Array[]) => Promise<void>) {
    this.#finish = finish;
  }

  async write(offset: number, chunk: Uint8Array): Promise<void> {
    if (offset !== this.#written) throw new Error(`Write at ${offset} after ${this.#written}`);
    await this.#call(async () => {
      // Until the promise settles the bytes may be read at any time.
      await Promise.resolve();
      this.#chunks.push(Buffer.from(chunk));
      this.#written += chunk.length;
    });
  }

  async finish(): Promise<void> {
    await this.#call(() => this.#finish(this.#chunks));
    this.#ended = true;
  }

  async abort(): Promise<void> {
    await this.#call(() => Promise.resolve());
    this.#ended = true;
  }

  async #call(work: () => Promise<void>): Promise<void> {
    if (this.#ended) throw new Error('The writer has ended already');
    if (this.#busy) throw new Error('Another call is under way');
    this.#busy = true;
    await work();
    this.#busy = false;
  }
}

const READ: OpenFlags = {
  read: true,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};

async function replaceFile(
  storage: RandomAccessBackend,
  path: SftpPath,
  chunks: readonly Uint8Array[],
  { exclusive, mode }: NewFileOptions,
  session: SftpSession,
): Promise<void> {
  const flags = {
    ...READ,
    read: false,
    write: true,
    create: true,
    truncate: true,
    exclusive,
    ...(mode !== undefined && { mode }),
  };
  const file = await storage.openFile(path, flags, session);
  let offset = 0;
  for (const chunk of chunks) {
    await file.write(chunk, offset);
    offset += chunk.length;
  }
  await file.close();
}

async function checkTarget(
  storage: RandomAccessBackend,
  path: SftpPath,
  { exclusive }: NewFileOptions,
  session: SftpSession,
): Promise<void> {
  try {
    const { type } = await storage.fileInfo(path, session);
    if (exclusive) throw new SftpError('EEXIST');
    if (type === 'directory') throw new SftpError('EISDIR');
  } catch (error) {
    if (toSftpError(error).code !== 'ENOENT') throw error;
    const parent = parentPath(path);
    if (isRootPath(parent)) return;
    const { type } = await storage.fileInfo(parent, session);
    if (type !== 'directory') throw new SftpError('ENOTDIR');
  }
}
