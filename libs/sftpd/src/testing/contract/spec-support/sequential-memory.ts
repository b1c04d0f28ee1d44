import { MemoryBackend } from '../../../backends/memory/index.js';
import type { NewFileOptions, SftpBackend } from '../../../filesystem/backend.js';
import type { FileWriter } from '../../../filesystem/file-writer.js';
import type { OpenFlags } from '../../../filesystem/open-file.js';
import { parentPath, type SftpPath } from '../../../filesystem/path.js';
import { SftpError, toSftpError } from '../../../filesystem/sftp-error.js';
import { altered } from './altered.js';

const READ: OpenFlags = {
  read: true,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};

/** What is taken away from a memory backend so that its files are not open at random. */
const NO_RANDOM_ACCESS = { openFile: undefined, supportsSync: undefined };

/** A backend that has exactly `readFileRange` and `beginWrite`, over memory. */
export function streamingMemory(): SftpBackend {
  const memory = new MemoryBackend();
  return altered<SftpBackend>(memory, {
    ...(NO_RANDOM_ACCESS as object),
    readFileRange: (path, offset, length) => readRange(memory, path, offset, length),
    beginWrite: (path, options) => new MemoryWriter(memory, path, options),
  });
}

/** A backend that has exactly `readFile` and `writeFile`, over memory. */
export function wholeFileMemory(): SftpBackend {
  const memory = new MemoryBackend();
  return altered<SftpBackend>(memory, {
    ...(NO_RANDOM_ACCESS as object),
    readFile: (path) => readRange(memory, path, 0, memory.fileInfo(path).size),
    writeFile: (path, content, options) => {
      assertWritable(memory, path, options);
      store(memory, path, content, options);
    },
  });
}

/** Gathers a file and stores it when it is finished. */
class MemoryWriter implements FileWriter {
  readonly #memory: MemoryBackend;
  readonly #path: SftpPath;
  readonly #options: NewFileOptions;
  readonly #chunks: Buffer[] = [];

  constructor(memory: MemoryBackend, path: SftpPath, options: NewFileOptions) {
    assertWritable(memory, path, options);
    this.#memory = memory;
    this.#path = path;
    this.#options = options;
  }

  write(_offset: number, chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk));
  }

  finish(): void {
    store(this.#memory, this.#path, Buffer.concat(this.#chunks), this.#options);
  }

  abort(): void {
    this.#chunks.length = 0;
  }
}

function readRange(memory: MemoryBackend, path: SftpPath, offset: number, length: number): Buffer {
  const file = memory.openFile(path, READ);
  const target = Buffer.alloc(length);
  const count = file.read(target, offset);
  file.close();
  return target.subarray(0, count);
}

/** Fails as the file would fail that is to be made, and makes nothing. */
function assertWritable(memory: MemoryBackend, path: SftpPath, options: NewFileOptions): void {
  try {
    const { type } = options.exclusive ? memory.linkInfo(path) : memory.fileInfo(path);
    if (options.exclusive) throw new SftpError('EEXIST');
    if (type === 'directory') throw new SftpError('EISDIR');
  } catch (error) {
    if (toSftpError(error).code !== 'ENOENT') throw error;
    const parent = memory.fileInfo(parentPath(path));
    if (parent.type !== 'directory') throw new SftpError('ENOTDIR', undefined, { cause: error });
  }
}

function store(
  memory: MemoryBackend,
  path: SftpPath,
  content: Uint8Array,
  options: NewFileOptions,
): void {
  const file = memory.openFile(path, {
    ...READ,
    read: false,
    write: true,
    create: true,
    truncate: true,
    ...options,
  });
  file.write(content, 0);
  file.close();
}
