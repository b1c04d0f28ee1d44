import type { Transaction } from '../database/transaction.js';

/** The longest large object: 2^31 - 1 pages of 2 KiB (PostgreSQL's manual, chapter 35). */
export const MAX_DOCUMENT_BYTES = (2 ** 31 - 1) * 2048;

/** `INV_WRITE` of PostgreSQL's large object interface. */
const FOR_WRITING = 0x20000;

/** A large object that is open until the end of its transaction. */
export interface WritableObject {
  readonly oid: number;
  readonly descriptor: number;
}

export async function openNewObject(transaction: Transaction): Promise<WritableObject> {
  const [object] = await transaction.query<WritableObject>(
    'SELECT oid, lo_open(oid, $1) AS descriptor FROM lo_create(0) AS oid',
    [FOR_WRITING],
  );
  if (object === undefined) throw new Error('lo_create made nothing');
  return object;
}

/** Cuts a large object, or extends it by zeros, which take no space. */
export async function resizeObject(
  transaction: Transaction,
  oid: number,
  size: number,
): Promise<void> {
  await transaction.query('SELECT lo_truncate64(lo_open($1, $2), $3)', [oid, FOR_WRITING, size]);
}
