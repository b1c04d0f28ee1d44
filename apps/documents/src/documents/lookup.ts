import { baseName, parentPath, pathSegments, SftpError, type SftpPath } from 'nestjs-sftpd';
import { ROOT_ID } from '../database/schema.js';
import type { Database } from '../database/transaction.js';
import { COLUMNS, type DocumentRow, isFile } from './document.js';

/** What the table's constraint on names says, and what most file systems say. */
const MAX_NAME_BYTES = 255;

/**
 * Walks from the root down the names of `$1`, each step one look into the index `documents_entry`, and ends where
 * the path ends or goes no further: `last` is that row, and how deep it lies.
 */
export const WALK = `
  WITH RECURSIVE walk AS (
    SELECT ${COLUMNS.join(', ')}, 0 AS depth FROM documents WHERE id = ${ROOT_ID}
    UNION ALL
    SELECT ${COLUMNS.map((column) => `next.${column}`).join(', ')}, walk.depth + 1
    FROM walk JOIN documents next ON next.parent = walk.id AND next.name = ($1::text[])[walk.depth + 1]
  ), last AS (
    SELECT * FROM walk ORDER BY depth DESC LIMIT 1
  )`;

/** Where {@link WALK} has ended. */
export type WalkedRow = DocumentRow & { readonly depth: number };

/** A name in a directory, whether something has it or not. */
export interface Place {
  /** The directory's row. */
  readonly parent: string;
  readonly name: string;
}

/**
 * The names on the way to `path`.
 *
 * @throws SftpError `ENAMETOOLONG`
 */
export function namesOf(path: SftpPath): string[] {
  const names = pathSegments(path);
  if (names.some((name) => Buffer.byteLength(name) > MAX_NAME_BYTES)) {
    throw new SftpError('ENAMETOOLONG');
  }
  return names;
}

/**
 * The row at the end of a walk, if that is the end of the path too.
 *
 * @throws SftpError `ENOENT`, `ENOTDIR`
 */
export function arrived<Row extends WalkedRow>(
  row: Row | undefined,
  names: readonly string[],
): Row {
  if (row === undefined) throw new SftpError('EIO', 'The storage has no root');
  if (row.depth === names.length) return row;
  throw new SftpError(isFile(row) ? 'ENOTDIR' : 'ENOENT');
}

/**
 * What `path` names.
 *
 * @throws SftpError `ENOENT`, `ENOTDIR`, `ENAMETOOLONG`
 */
export async function find(database: Database, path: SftpPath): Promise<DocumentRow> {
  const names = namesOf(path);
  const [row] = await database.query<WalkedRow>(`${WALK} SELECT * FROM last`, [names]);
  return arrived(row, names);
}

/** The directory that `path` names. @throws SftpError as {@link find} does */
export async function findDirectory(database: Database, path: SftpPath): Promise<DocumentRow> {
  const row = await find(database, path);
  if (isFile(row)) throw new SftpError('ENOTDIR');
  return row;
}

/**
 * Where the entry `path` stands or would stand.
 *
 * @param path not the root, which is no entry
 * @throws SftpError `ENOENT`, `ENOTDIR`, `ENAMETOOLONG`
 */
export async function placeOf(database: Database, path: SftpPath): Promise<Place> {
  namesOf(path);
  const directory = await findDirectory(database, parentPath(path));
  return { parent: directory.id, name: baseName(path) };
}

/** What stands at a place. */
export async function entryAt(database: Database, place: Place): Promise<DocumentRow | undefined> {
  const [row] = await database.query<DocumentRow>(
    `SELECT ${COLUMNS.join(', ')} FROM documents WHERE parent = $1 AND name = $2`,
    [place.parent, place.name],
  );
  return row;
}

/** Some entries of a directory in the order of their names, beginning behind a name. */
export async function entriesAfter(
  database: Database,
  directory: DocumentRow,
  name: string,
  limit: number,
): Promise<DocumentRow[]> {
  return database.query<DocumentRow>(
    `SELECT ${COLUMNS.join(', ')} FROM documents WHERE parent = $1 AND name > $2 ORDER BY name LIMIT $3`,
    [directory.id, name, limit],
  );
}
