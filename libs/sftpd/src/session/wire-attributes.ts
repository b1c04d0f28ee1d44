import { assertFileInfo } from '../filesystem/assert-file-info.js';
import type { AttributeChanges, FileInfo, FileType } from '../filesystem/file-info.js';
import type { OpenFlags } from '../filesystem/open-file.js';
import type { Attributes } from '../protocol/attributes.js';

const MAX_UINT32 = 0xffffffff;
const PERMISSION_BITS = 0o7777;
const CREATION_BITS = 0o777;

const TYPE_BITS: Readonly<Record<FileType, number>> = {
  regular: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  'block-device': 0o060000,
  'character-device': 0o020000,
  fifo: 0o010000,
  socket: 0o140000,
};

const DEFAULT_PERMISSIONS: Readonly<Partial<Record<FileType, number>>> = {
  directory: 0o755,
  symlink: 0o777,
};

/** The POSIX mode of a file: type and permission bits. */
export function modeOf(info: FileInfo): number {
  const permissions = info.mode ?? DEFAULT_PERMISSIONS[info.type] ?? 0o644;
  return TYPE_BITS[info.type] | (permissions & PERMISSION_BITS);
}

/**
 * What a backend tells of a file, as SFTP version 3 carries it.
 *
 * @throws SftpError `EIO` when it tells nothing of the kind
 */
export function toWireAttributes(info: FileInfo): Attributes {
  const { size, uid, gid, modifiedAt, accessedAt } = assertFileInfo(info);
  return {
    size: wholeNumber(size, Number.MAX_SAFE_INTEGER),
    ...((uid !== undefined || gid !== undefined) && {
      owner: { uid: wholeNumber(uid ?? 0, MAX_UINT32), gid: wholeNumber(gid ?? 0, MAX_UINT32) },
    }),
    permissions: modeOf(info),
    ...(modifiedAt && {
      times: { accessed: seconds(accessedAt ?? modifiedAt), modified: seconds(modifiedAt) },
    }),
  };
}

/** What a client asks to be set, without the file type that some clients leave inside the permissions. */
export function toAttributeChanges(attributes: Attributes): AttributeChanges {
  const { size, owner, permissions, times } = attributes;
  return {
    ...(size !== undefined && { size }),
    ...owner,
    ...(permissions !== undefined && { mode: permissions & PERMISSION_BITS }),
    ...(times && timesOf(times)),
  };
}

/**
 * The permission bits of a file or directory that a client makes: as asked for, less the umask. Set-id and sticky
 * bits come only by SETSTAT.
 */
export function creationMode(
  { permissions }: Attributes,
  umask: number,
): { readonly mode?: number } {
  return permissions === undefined ? {} : { mode: permissions & CREATION_BITS & ~umask };
}

/** The times that a client tells with OPEN. */
export function creationTimes({ times }: Attributes): Pick<OpenFlags, 'times'> {
  return times === undefined ? {} : { times: timesOf(times) };
}

function timesOf({ accessed, modified }: NonNullable<Attributes['times']>): {
  accessedAt: Date;
  modifiedAt: Date;
} {
  return { accessedAt: new Date(accessed * 1000), modifiedAt: new Date(modified * 1000) };
}

function seconds(date: Date): number {
  return wholeNumber(date.getTime() / 1000, MAX_UINT32);
}

/** Backends are not trusted to keep to a field's range: what does not fit becomes its nearest bound. */
function wholeNumber(value: number, max: number): number {
  return value > 0 ? Math.min(Math.floor(value), max) : 0;
}
