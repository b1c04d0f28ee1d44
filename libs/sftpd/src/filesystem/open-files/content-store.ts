import type { NewFileOptions } from '../backend.js';
import type { BackendFile } from './backend-file.js';
import { abortBecauseOf, beginWrite } from './backend-writer.js';
import type { OpenFileResources } from './open-file-resources.js';

/** The content of a file, to be read at random. */
export interface Content {
  readonly size: number;
  /** Fills `target` from `offset`; less than its length only at the end. */
  read(target: Uint8Array, offset: number): Promise<number>;
}

/** A file of no bytes. */
export const EMPTY: Content = { size: 0, read: () => Promise.resolve(0) };

/** How a whole file gets to its backend. */
export interface ContentStore {
  /** The longest file that can be stored, in bytes. */
  readonly maxBytes: number;

  /** Stores a file, whole or not at all. */
  store(content: Content, options: NewFileOptions): Promise<void>;
}

/** What is in memory at a time of a file that is being streamed, in bytes. */
const BLOCK_BYTES = 256 * 1024;

/** The best store that the file's backend has; `undefined` when it cannot be written. */
export function storeFor(
  file: BackendFile,
  resources: OpenFileResources,
): ContentStore | undefined {
  if (file.backend.beginWrite !== undefined) return new StreamingStore(file, resources);
  return file.backend.writeFile && new WholeStore(file, resources);
}

/** Streams files to `beginWrite`, block by block. */
class StreamingStore implements ContentStore {
  readonly maxBytes: number;
  readonly #file: BackendFile;

  constructor(file: BackendFile, { bounds }: OpenFileResources) {
    this.#file = file;
    this.maxBytes = bounds.maxTemporaryBytes;
  }

  async store(content: Content, options: NewFileOptions): Promise<void> {
    const writer = await beginWrite(this.#file, options);
    try {
      const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, content.size));
      for (let offset = 0; offset < content.size;) {
        const count = await content.read(block, offset);
        await writer.write(offset, block.subarray(0, count));
        offset += count;
      }
    } catch (error) {
      throw await abortBecauseOf(writer, error);
    }
    await writer.finish();
  }
}

/** Hands files to `writeFile`, each in one buffer for which there has to be room. */
class WholeStore implements ContentStore {
  readonly maxBytes: number;
  readonly #file: BackendFile;
  readonly #memory: OpenFileResources['wholeFileMemory'];

  constructor(file: BackendFile, { bounds, wholeFileMemory }: OpenFileResources) {
    this.#file = file;
    this.#memory = wholeFileMemory;
    this.maxBytes = bounds.maxWholeFileBytes;
  }

  async store(content: Content, options: NewFileOptions): Promise<void> {
    const { backend, path, session } = this.#file;
    await this.#memory.use(content.size, async () => {
      const whole = Buffer.allocUnsafe(content.size);
      await content.read(whole, 0);
      await backend.writeFile?.(path, whole, options, session);
    });
  }
}
