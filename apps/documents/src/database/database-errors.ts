import { DatabaseError } from 'pg';
import { type PosixErrorCode, SftpError } from 'nestjs-sftpd';

/** What PostgreSQL's error codes (its manual, appendix A) mean to a client of files. */
const POSIX_CODES: ReadonlyMap<string, PosixErrorCode> = new Map([
  // A directory that others name as theirs; a new entry locks its directory first, so never the other way round.
  ['23503', 'ENOTEMPTY'],
  ['23505', 'EEXIST'],
  ['25006', 'EROFS'],
  ['42501', 'EACCES'],
  // A large object that is gone: the file was removed or replaced.
  ['42704', 'ENOENT'],
  ['53100', 'ENOSPC'],
  ['53300', 'EAGAIN'],
  ['57014', 'ETIMEDOUT'],
]);

/** Two transactions stood in each other's way, and this one was chosen to begin anew. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01']);

/** Turns what `pg` throws into what a client may be told; the original is kept as the cause, for the log. */
export function toDocumentError(error: unknown): SftpError {
  if (error instanceof SftpError) return error;
  return new SftpError(POSIX_CODES.get(codeOf(error)) ?? 'EIO', undefined, { cause: error });
}

/** Whether the same transaction may succeed when it is tried again. */
export function isConflict(error: unknown): boolean {
  return error instanceof SftpError && CONFLICTS.has(codeOf(error.cause));
}

function codeOf(error: unknown): string {
  return error instanceof DatabaseError ? (error.code ?? '') : '';
}
