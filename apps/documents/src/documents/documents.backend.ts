import { Inject } from '@nestjs/common';
import {
  type AttributeChanges,
  type DirEntry,
  type FileInfo,
  isRootPath,
  type NewFileOptions,
  type OverwriteOption,
  SftpBackend,
  SftpError,
  type SftpPath,
} from 'nestjs-sftpd';
import { DOCUMENTS_CONFIG } from '../config/config.module.js';
import type { DocumentsConfig } from '../config/environment.js';
import { Postgres } from '../database/postgres.js';
import { setAttributes } from './attributes.js';
import { entryOf, infoOf, isFile } from './document.js';
import { DocumentWriter } from './document-writer.js';
import { insertEntry, lockDirectories, lockEntry, removeEntry } from './entries.js';
import {
  arrived,
  entriesAfter,
  entryAt,
  find,
  findDirectory,
  namesOf,
  placeOf,
  WALK,
  type WalkedRow,
} from './lookup.js';
import { rename } from './renaming.js';
import { type OpenDocument, openDocument } from './open-document.js';
import { UploadSlots } from './upload-slots.js';

const DEFAULT_DIRECTORY_MODE = 0o755;
/** Entries that one query of a listing asks for: what is in memory of a directory of any size. */
const PAGE = 500;

/** Which part of a listing is wanted. */
export interface ListingPage {
  /** Begin behind this name. @default the first name */
  readonly after?: string;
  /** Entries at most. */
  readonly limit: number;
}

/**
 * Files and directories in PostgreSQL: the content as large objects, all else as rows of one table. Every change is
 * a transaction, so that it is there whole, or not at all, for whoever looks next: an SFTP client, or the HTTP
 * API, which uses the same instance. The decorator makes it the storage of the SFTP server, which finds it by itself.
 */
@SftpBackend()
export class DocumentsBackend implements SftpBackend {
  readonly #uploads: UploadSlots;

  constructor(
    private readonly postgres: Postgres,
    @Inject(DOCUMENTS_CONFIG) config: DocumentsConfig,
  ) {
    this.#uploads = new UploadSlots(config.maxUploads, config.uploadWait);
  }

  /** Some entries in the order of their names. @throws SftpError `ENOENT`, `ENOTDIR` */
  async page(path: SftpPath, { after = '', limit }: ListingPage): Promise<DirEntry[]> {
    const directory = await findDirectory(this.postgres, path);
    return (await entriesAfter(this.postgres, directory, after, limit)).map(entryOf);
  }

  async listDir(path: SftpPath): Promise<AsyncIterable<DirEntry>> {
    const { postgres } = this;
    const directory = await findDirectory(postgres, path);
    return (async function* entries() {
      let after = '';
      for (;;) {
        const rows = await entriesAfter(postgres, directory, after, PAGE);
        for (const row of rows) yield entryOf(row);
        const last = rows.at(-1);
        if (last === undefined || rows.length < PAGE) return;
        after = last.name;
      }
    })();
  }

  async fileInfo(path: SftpPath): Promise<FileInfo> {
    return infoOf(await find(this.postgres, path));
  }

  async readFileRange(path: SftpPath, offset: number, length: number): Promise<Uint8Array> {
    const names = namesOf(path);
    // One query, so that the bytes are those of the file that had the name when it began.
    const [row] = await this.postgres.query<WalkedRow & { content: Buffer | null }>(
      `${WALK} SELECT *, CASE WHEN depth = $2 THEN lo_get(oid, $3, $4) END AS content FROM last`,
      [names, names.length, offset, length],
    );
    const { content } = arrived(row, names);
    if (content === null) throw new SftpError('EISDIR');
    return content;
  }

  /** A document as it is now, for whoever reads it from its begin to its end. @throws SftpError `ENOENT`, `EISDIR` */
  async open(path: SftpPath): Promise<OpenDocument> {
    return openDocument(this.postgres, await find(this.postgres, path));
  }

  async beginWrite(path: SftpPath, options: NewFileOptions): Promise<DocumentWriter> {
    if (isRootPath(path)) throw new SftpError(options.exclusive ? 'EEXIST' : 'EISDIR');
    const place = await placeOf(this.postgres, path);
    const existing = await entryAt(this.postgres, place);
    if (existing && options.exclusive) throw new SftpError('EEXIST');
    if (existing && !isFile(existing)) throw new SftpError('EISDIR');
    return DocumentWriter.begin(this.postgres, place, options, await this.#uploads.take());
  }

  async makeDir(path: SftpPath, { mode }: AttributeChanges): Promise<void> {
    if (isRootPath(path)) throw new SftpError('EEXIST');
    await this.postgres.transaction(async (transaction) => {
      const place = await placeOf(transaction, path);
      await lockDirectories(transaction, place.parent);
      await insertEntry(transaction, place, mode ?? DEFAULT_DIRECTORY_MODE);
    });
  }

  async delDir(path: SftpPath): Promise<void> {
    if (isRootPath(path)) throw new SftpError('EBUSY');
    await this.postgres.transaction(async (transaction) => {
      const row = await lockEntry(transaction, await placeOf(transaction, path));
      if (isFile(row)) throw new SftpError('ENOTDIR');
      await removeEntry(transaction, row);
    });
  }

  async delete(path: SftpPath): Promise<void> {
    if (isRootPath(path)) throw new SftpError('EISDIR');
    await this.postgres.transaction(async (transaction) => {
      const row = await lockEntry(transaction, await placeOf(transaction, path));
      if (!isFile(row)) throw new SftpError('EISDIR');
      await removeEntry(transaction, row);
    });
  }

  async rename(from: SftpPath, to: SftpPath, options: OverwriteOption): Promise<void> {
    await this.postgres.transaction((transaction) => rename(transaction, from, to, options));
  }

  async setAttributes(path: SftpPath, changes: AttributeChanges): Promise<void> {
    await this.postgres.transaction((transaction) => setAttributes(transaction, path, changes));
  }
}
