import { type FileInfo, SftpError } from 'nestjs-sftpd';
import type { Database } from '../database/transaction.js';
import { type DocumentRow, infoOf, isFile } from './document.js';

const CHUNK_BYTES = 256 * 1024;

/** A document that is being read: of one content from its begin to its end, whatever has its name meanwhile. */
export interface OpenDocument {
  readonly info: FileInfo;
  /** Its bytes, read as they are asked for. @throws SftpError `ENOENT` when it was removed or replaced meanwhile */
  readonly content: AsyncIterable<Buffer>;
}

/** @throws SftpError `EISDIR` */
export function openDocument(database: Database, row: DocumentRow): OpenDocument {
  if (!isFile(row)) throw new SftpError('EISDIR');
  return { info: infoOf(row), content: chunksOf(database, row.oid, Number(row.size)) };
}

async function* chunksOf(database: Database, oid: number, size: number): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < size;) {
    const length = Math.min(CHUNK_BYTES, size - offset);
    const [row] = await database.query<{ chunk: Buffer }>('SELECT lo_get($1, $2, $3) AS chunk', [
      oid,
      offset,
      length,
    ]);
    if (row?.chunk.length !== length) throw new SftpError('EIO', 'The document has become shorter');
    yield row.chunk;
    offset += length;
  }
}
