import { SftpError } from 'nestjs-sftpd';
import type { Transaction } from '../database/transaction.js';
import type { DocumentRow } from './document.js';
import { entryAt, type Place } from './lookup.js';

/**
 * Makes a transaction the only one to change the entries of these directories until its end. Several are locked in
 * one order by all, so that two that need the same ones do not wait for each other.
 *
 * @throws SftpError `ENOENT` when one has been removed meanwhile
 */
export async function lockDirectories(
  transaction: Transaction,
  ...ids: readonly string[]
): Promise<void> {
  const wanted = [...new Set(ids)];
  const locked = await transaction.query(
    'SELECT id FROM documents WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE',
    [wanted],
  );
  if (locked.length < wanted.length) throw new SftpError('ENOENT');
}

/**
 * Locks the directory of a place and tells what stands there.
 *
 * @throws SftpError `ENOENT` when nothing does
 */
export async function lockEntry(transaction: Transaction, place: Place): Promise<DocumentRow> {
  await lockDirectories(transaction, place.parent);
  const row = await entryAt(transaction, place);
  if (row === undefined) throw new SftpError('ENOENT');
  return row;
}

/** Adds a directory, or a file when there is content. @throws SftpError `EEXIST` */
export async function insertEntry(
  transaction: Transaction,
  place: Place,
  mode: number,
  content?: { readonly oid: number; readonly size: number },
): Promise<void> {
  await transaction.query(
    'INSERT INTO documents (parent, name, mode, oid, size) VALUES ($1, $2, $3, $4, $5)',
    [place.parent, place.name, mode, content?.oid ?? null, content?.size ?? 0],
  );
  await touch(transaction, place.parent);
}

/** Removes an entry and its content, if it has some. @throws SftpError `ENOTEMPTY` */
export async function removeEntry(transaction: Transaction, row: DocumentRow): Promise<void> {
  await transaction.query('DELETE FROM documents WHERE id = $1', [row.id]);
  if (row.oid !== null) await transaction.query('SELECT lo_unlink($1)', [row.oid]);
  await touch(transaction, row.parent);
}

/** What POSIX does to a directory whose entries have changed. */
export async function touch(
  transaction: Transaction,
  ...directories: readonly (string | null)[]
): Promise<void> {
  await transaction.query('UPDATE documents SET mtime = clock_timestamp() WHERE id = ANY($1)', [
    directories,
  ]);
}
