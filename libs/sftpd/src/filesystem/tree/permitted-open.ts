import type { OpenFlags } from '../open-file.js';
import { type PosixErrorCode, SftpError } from '../sftp-error.js';
import type { Permission } from './permissions.js';

/** An OPEN that stays within what is allowed, whatever the storage finds. */
export interface PermittedOpen {
  readonly flags: OpenFlags;
  /** What the storage answers when only the other case was allowed: the file is there, or is not. */
  readonly refusal: PosixErrorCode | undefined;
}

/**
 * Narrows the flags of an OPEN to what is allowed at its path. Whether the file is there is left to the storage to
 * find out, in one step with the opening, so that nobody can slip in between: who may not touch an existing file
 * opens with `exclusive`, who may not make one without `create`.
 *
 * @throws SftpError `EACCES` when no file could be opened, whether it is there or not
 */
export function permittedOpen(flags: OpenFlags, held: ReadonlySet<Permission>): PermittedOpen {
  const asksForNew = flags.create && flags.exclusive;
  const mayMake = flags.create && held.has('create');
  const mayUse = !asksForNew && held.has(neededForExisting(flags));
  const readsOnly = flags.read && !flags.write;
  if ((!mayMake && !mayUse) || (readsOnly && !held.has('read'))) throw new SftpError('EACCES');
  return {
    flags: {
      ...flags,
      read: flags.read && held.has('read'),
      create: mayMake,
      exclusive: mayMake && !mayUse,
    },
    refusal: refusalOf(flags.create && !asksForNew, mayMake, mayUse),
  };
}

function neededForExisting({ write, truncate }: OpenFlags): Permission {
  if (!write) return 'read';
  return truncate ? 'overwrite' : 'write';
}

function refusalOf(
  asksForEither: boolean,
  mayMake: boolean,
  mayUse: boolean,
): PosixErrorCode | undefined {
  if (!asksForEither || (mayMake && mayUse)) return undefined;
  return mayMake ? 'EEXIST' : 'ENOENT';
}
