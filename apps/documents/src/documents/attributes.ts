import { type AttributeChanges, SftpError, type SftpPath } from 'nestjs-sftpd';
import type { Transaction } from '../database/transaction.js';
import { COLUMNS, type DocumentRow, isFile } from './document.js';
import { MAX_DOCUMENT_BYTES, resizeObject } from './large-object.js';
import { find } from './lookup.js';

/** `setAttributes` of the contract. Documents have no owners: only the one that they are shown with can be set. */
export async function setAttributes(
  transaction: Transaction,
  path: SftpPath,
  changes: AttributeChanges,
): Promise<void> {
  const row = await locked(transaction, await find(transaction, path));
  if ((changes.uid ?? 0) !== 0 || (changes.gid ?? 0) !== 0) {
    throw new SftpError('ENOTSUP', 'Documents have no owners');
  }
  if (changes.size !== undefined) {
    if (!isFile(row)) throw new SftpError('EISDIR');
    if (changes.size > MAX_DOCUMENT_BYTES) throw new SftpError('EFBIG');
    await resizeObject(transaction, row.oid, changes.size);
  }
  await transaction.query(
    `UPDATE documents SET
       size = coalesce($2, size),
       mode = coalesce($3, mode),
       atime = coalesce($4, atime),
       mtime = coalesce($5, CASE WHEN $2 IS NULL THEN mtime ELSE clock_timestamp() END)
     WHERE id = $1`,
    [row.id, changes.size, changes.mode, changes.accessedAt, changes.modifiedAt],
  );
}

/** The row as it is once nobody else changes it. @throws SftpError `ENOENT` */
async function locked(transaction: Transaction, { id }: DocumentRow): Promise<DocumentRow> {
  const [row] = await transaction.query<DocumentRow>(
    `SELECT ${COLUMNS.join(', ')} FROM documents WHERE id = $1 FOR NO KEY UPDATE`,
    [id],
  );
  if (row === undefined) throw new SftpError('ENOENT');
  return row;
}
