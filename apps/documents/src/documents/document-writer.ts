import { type FileWriter, type NewFileOptions, SftpError } from 'nestjs-sftpd';
import type { Postgres } from '../database/postgres.js';
import type { Transaction } from '../database/transaction.js';
import { isFile } from './document.js';
import { insertEntry, lockDirectories } from './entries.js';
import { MAX_DOCUMENT_BYTES, openNewObject, type WritableObject } from './large-object.js';
import { entryAt, type Place } from './lookup.js';
import type { ReleaseSlot } from './upload-slots.js';

const DEFAULT_MODE = 0o644;

/**
 * An upload: a large object that is written in a transaction of its own, so that nobody sees it before the commit,
 * which puts it under its name. Whatever keeps the commit from coming, even the end of this process, leaves
 * nothing behind.
 */
export class DocumentWriter implements FileWriter {
  readonly #transaction: Transaction;
  readonly #object: WritableObject;
  readonly #place: Place;
  readonly #options: NewFileOptions;
  readonly #release: ReleaseSlot;
  #size = 0;

  private constructor(
    transaction: Transaction,
    object: WritableObject,
    place: Place,
    options: NewFileOptions,
    release: ReleaseSlot,
  ) {
    this.#transaction = transaction;
    this.#object = object;
    this.#place = place;
    this.#options = options;
    this.#release = release;
  }

  /** @param release called at the end of the upload, and when there is none because this fails */
  static async begin(
    postgres: Postgres,
    place: Place,
    options: NewFileOptions,
    release: ReleaseSlot,
  ): Promise<DocumentWriter> {
    let transaction: Transaction | undefined;
    try {
      transaction = await postgres.begin();
      const object = await openNewObject(transaction);
      return new DocumentWriter(transaction, object, place, options, release);
    } catch (error) {
      await transaction?.rollback();
      release();
      throw error;
    }
  }

  async write(offset: number, chunk: Uint8Array): Promise<void> {
    if (offset !== this.#size) throw new SftpError('EINVAL', 'An upload is written in order');
    if (offset + chunk.length > MAX_DOCUMENT_BYTES) throw new SftpError('EFBIG');
    await this.#transaction.query('SELECT lowrite($1, $2)', [this.#object.descriptor, chunk]);
    this.#size += chunk.length;
  }

  async finish(): Promise<void> {
    try {
      await this.#putUnderName();
      await this.#transaction.commit();
    } finally {
      await this.abort();
    }
  }

  async abort(): Promise<void> {
    await this.#transaction.rollback();
    this.#release();
  }

  async #putUnderName(): Promise<void> {
    const content = { oid: this.#object.oid, size: this.#size };
    await lockDirectories(this.#transaction, this.#place.parent);
    const replaced = await entryAt(this.#transaction, this.#place);
    if (replaced === undefined) {
      await insertEntry(
        this.#transaction,
        this.#place,
        this.#options.mode ?? DEFAULT_MODE,
        content,
      );
      return;
    }
    if (this.#options.exclusive) throw new SftpError('EEXIST');
    if (!isFile(replaced)) throw new SftpError('EISDIR');
    await this.#transaction.query(
      `UPDATE documents SET oid = $2, size = $3, atime = now.at, mtime = now.at
       FROM (SELECT clock_timestamp() AS at) now WHERE id = $1`,
      [replaced.id, content.oid, content.size],
    );
    await this.#transaction.query('SELECT lo_unlink($1)', [replaced.oid]);
  }
}
