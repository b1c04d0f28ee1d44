import type { DirEntry, FileInfo } from 'nestjs-sftpd';

/** The columns of a {@link DocumentRow}. */
export const COLUMNS = ['id', 'parent', 'name', 'oid', 'size', 'mode', 'atime', 'mtime'] as const;

/** A row of the table: a file, or a directory when it has no large object. */
export interface DocumentRow {
  /** A `bigint`, which `pg` gives as text; nobody counts with it. */
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  readonly oid: number | null;
  readonly size: string;
  readonly mode: number;
  readonly atime: Date;
  readonly mtime: Date;
}

/** A row that is a file. */
export type FileRow = DocumentRow & { readonly oid: number };

export function isFile(row: DocumentRow): row is FileRow {
  return row.oid !== null;
}

/** A row as the contract tells it. */
export function infoOf(row: DocumentRow): FileInfo {
  return {
    type: isFile(row) ? 'regular' : 'directory',
    size: Number(row.size),
    mode: row.mode,
    accessedAt: row.atime,
    modifiedAt: row.mtime,
  };
}

export function entryOf(row: DocumentRow): DirEntry {
  return { name: row.name, info: infoOf(row) };
}
