import { isRootPath, type OverwriteOption, SftpError, type SftpPath } from 'nestjs-sftpd';
import type { Transaction } from '../database/transaction.js';
import { type DocumentRow, isFile } from './document.js';
import { lockDirectories, removeEntry, touch } from './entries.js';
import { entryAt, type Place, placeOf } from './lookup.js';

/**
 * Held while an entry moves from one directory to another: of two that would move directories into each other,
 * the second one has to see what the first one did.
 */
const MOVE_LOCK = 7_301_002;

/** `rename` of the contract. */
export async function rename(
  transaction: Transaction,
  from: SftpPath,
  to: SftpPath,
  { overwrite }: OverwriteOption,
): Promise<void> {
  if (isRootPath(from)) throw new SftpError('EBUSY');
  if (isRootPath(to)) throw new SftpError(overwrite ? 'EBUSY' : 'EEXIST');
  const source = await placeOf(transaction, from);
  const target = await placeOf(transaction, to);
  const moves = source.parent !== target.parent;
  if (moves) await transaction.query('SELECT pg_advisory_xact_lock($1)', [MOVE_LOCK]);
  await lockDirectories(transaction, source.parent, target.parent);

  const row = await entryAt(transaction, source);
  if (row === undefined) throw new SftpError('ENOENT');
  const replaced = await entryAt(transaction, target);
  if (replaced && !overwrite) throw new SftpError('EEXIST');
  if (moves && (await isWithin(transaction, target.parent, row))) throw new SftpError('EINVAL');
  if (replaced) {
    if (replaced.id === row.id) return;
    assertReplaceable(row, replaced);
    await removeEntry(transaction, replaced);
  }
  await move(transaction, row, target);
  await touch(transaction, source.parent, target.parent);
}

async function move(transaction: Transaction, row: DocumentRow, target: Place): Promise<void> {
  await transaction.query('UPDATE documents SET parent = $2, name = $3 WHERE id = $1', [
    row.id,
    target.parent,
    target.name,
  ]);
}

/** That a directory which is replaced is empty, its removal finds out. */
function assertReplaceable(row: DocumentRow, replaced: DocumentRow): void {
  if (isFile(row) && !isFile(replaced)) throw new SftpError('EISDIR');
  if (!isFile(row) && isFile(replaced)) throw new SftpError('ENOTDIR');
}

/** Whether a directory is `ancestor` or lies below it. */
async function isWithin(
  transaction: Transaction,
  directory: string,
  ancestor: DocumentRow,
): Promise<boolean> {
  if (isFile(ancestor)) return false;
  const found = await transaction.query(
    `WITH RECURSIVE up AS (
       SELECT id, parent FROM documents WHERE id = $1
       UNION ALL
       SELECT above.id, above.parent FROM up JOIN documents above ON above.id = up.parent
     )
     SELECT id FROM up WHERE id = $2`,
    [directory, ancestor.id],
  );
  return found.length > 0;
}
