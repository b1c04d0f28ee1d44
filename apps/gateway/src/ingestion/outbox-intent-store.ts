import { mkdir, opendir, readFile, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory, writeDurably } from './durable-file.js';
import type { IntentStore } from './intent-store.js';
import { lives, ownIdentity, type ProcessIdentity } from './process-identity.js';
import type { StoreLog } from './redis-intent-store.js';
import { parseIntent, type UploadIntent } from './upload-intent.js';

/** Who a subdirectory belongs to; touched as a sign of life. */
const OWNER = 'owner.lock';
const SUFFIX = '.json';

/** The longest file that can be an intent, in bytes: a path takes 4096 at most, and each may be written as six. */
const MAX_BYTES = 128 * 1024;

/**
 * Intents in a local directory: a subdirectory for each process, and a file for each upload, both forced to the
 * medium. It needs no Redis. The directory belongs to one machine; processes in containers may share it, but are
 * taken for gone only after the lease, as they cannot see each other.
 */
export class OutboxIntentStore implements IntentStore {
  readonly #directory: string;
  readonly #instance: string;
  readonly #lease: number;
  readonly #log: StoreLog;
  #identity: ProcessIdentity | undefined;

  /**
   * @param directory made when it is missing
   * @param instance of this process
   * @param lease milliseconds without a sign of life after which a process that cannot be seen is taken for gone
   */
  constructor(directory: string, instance: string, lease: number, log: StoreLog) {
    this.#directory = path.resolve(directory);
    this.#instance = instance;
    this.#lease = lease;
    this.#log = log;
  }

  async open(): Promise<void> {
    const own = this.#of(this.#instance);
    await mkdir(own, { recursive: true, mode: 0o700 });
    this.#identity = await ownIdentity();
    await writeDurably(path.join(own, OWNER), JSON.stringify(this.#identity));
    await syncDirectory(this.#directory);
  }

  async put(intent: UploadIntent): Promise<void> {
    await writeDurably(this.#fileOf(intent), JSON.stringify(intent));
  }

  async remove(intent: Pick<UploadIntent, 'id' | 'instance'>): Promise<void> {
    await rm(this.#fileOf(intent), { force: true });
  }

  async keepAlive(): Promise<boolean> {
    const owner = path.join(this.#of(this.#instance), OWNER);
    try {
      const { mtimeMs } = await stat(owner);
      const now = new Date();
      await utimes(owner, now, now);
      return now.getTime() - mtimeMs < this.#lease;
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.open();
      return false;
    }
  }

  async *abandoned(): AsyncIterable<UploadIntent> {
    for await (const { name } of await opendir(this.#directory)) {
      if (name === this.#instance || name.startsWith('.')) continue;
      if (await this.#isAlive(name)) continue;
      yield* this.#intentsOf(name);
      await this.#forget(name);
    }
  }

  async close(): Promise<void> {
    await this.#forget(this.#instance);
  }

  async *#intentsOf(instance: string): AsyncIterable<UploadIntent> {
    try {
      for await (const { name } of await opendir(this.#of(instance))) {
        if (!name.endsWith(SUFFIX)) continue;
        const intent = await this.#read(instance, name);
        if (intent) yield intent;
      }
    } catch (error) {
      // Another process was faster, or it is no directory.
      if (!isMissing(error)) throw error;
    }
  }

  async #read(instance: string, name: string): Promise<UploadIntent | undefined> {
    const file = path.join(this.#of(instance), name);
    try {
      const { size } = await stat(file);
      const intent = size <= MAX_BYTES ? parseIntent(await readFile(file, 'utf8')) : undefined;
      // Both name what is struck out in the end.
      if (intent?.instance === instance && intent.id + SUFFIX === name) return intent;
      await rename(file, `${file}.rejected`);
      this.#log.error(`An upload's note cannot be read; it is kept as ${file}.rejected`);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return undefined;
  }

  async #isAlive(instance: string): Promise<boolean> {
    const owner = path.join(this.#of(instance), OWNER);
    try {
      const { mtimeMs } = await stat(owner);
      const other = JSON.parse(await readFile(owner, 'utf8')) as ProcessIdentity;
      const seen = this.#identity && (await lives(other, this.#identity));
      return seen ?? Date.now() - mtimeMs < this.#lease;
    } catch (error) {
      // The owner's file is what a directory has from its first moment on to its orderly end.
      return isMissing(error) ? this.#isYoung(instance) : false;
    }
  }

  /** A process may be about to say whose directory it is. */
  async #isYoung(instance: string): Promise<boolean> {
    try {
      const { birthtimeMs } = await stat(this.#of(instance));
      return Date.now() - birthtimeMs < this.#lease;
    } catch {
      return true;
    }
  }

  /** Removes the directory of a process, if nothing is left in it. */
  async #forget(instance: string): Promise<void> {
    const directory = this.#of(instance);
    try {
      for await (const { name } of await opendir(directory)) {
        if (name.startsWith('.')) await rm(path.join(directory, name), { force: true });
        else if (name !== OWNER && instance !== this.#instance) return;
      }
      await rm(path.join(directory, OWNER), { force: true });
      await rmdir(directory);
    } catch (error) {
      if (!isMissing(error) && !hasCode(error, ['ENOTEMPTY', 'EEXIST'])) throw error;
    }
  }

  #of(instance: string): string {
    return path.join(this.#directory, instance);
  }

  #fileOf({ id, instance }: Pick<UploadIntent, 'id' | 'instance'>): string {
    return path.join(this.#of(instance), id + SUFFIX);
  }
}

function isMissing(error: unknown): boolean {
  return hasCode(error, ['ENOENT', 'ENOTDIR']);
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return codes.includes(String(code));
}
