import { AttributeFlag } from './constants.js';
import type { PacketReader } from './packet-reader.js';
import type { PacketWriter } from './packet-writer.js';

/** File attributes as they stand on the wire (draft-ietf-secsh-filexfer-02, section 5). */
export interface Attributes {
  /** Bytes. */
  readonly size?: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** POSIX mode: file type and permission bits. */
  readonly permissions?: number;
  /** Seconds since 1970-01-01 UTC, unsigned 32-bit. */
  readonly times?: { readonly accessed: number; readonly modified: number };
}

/** No attribute at all. */
export const NO_ATTRIBUTES: Attributes = {};

/** @throws FieldError when the packet ends too soon or the size is above 2^53 - 1 */
export function readAttributes(reader: PacketReader): Attributes {
  const flags = reader.uint32();
  const size = (flags & AttributeFlag.SIZE) !== 0 ? reader.uint64() : undefined;
  const owner =
    (flags & AttributeFlag.UIDGID) !== 0
      ? { uid: reader.uint32(), gid: reader.uint32() }
      : undefined;
  const permissions = (flags & AttributeFlag.PERMISSIONS) !== 0 ? reader.uint32() : undefined;
  const times =
    (flags & AttributeFlag.ACMODTIME) !== 0
      ? { accessed: reader.uint32(), modified: reader.uint32() }
      : undefined;
  if ((flags & AttributeFlag.EXTENDED) !== 0) skipExtended(reader);
  return {
    ...(size !== undefined && { size }),
    ...(owner && { owner }),
    ...(permissions !== undefined && { permissions }),
    ...(times && { times }),
  };
}

function skipExtended(reader: PacketReader): void {
  for (let count = reader.uint32(); count > 0; count--) {
    reader.bytes();
    reader.bytes();
  }
}

export function writeAttributes(writer: PacketWriter, attributes: Attributes): void {
  const { size, owner, permissions, times } = attributes;
  writer.uint32(
    (size !== undefined ? AttributeFlag.SIZE : 0) |
      (owner ? AttributeFlag.UIDGID : 0) |
      (permissions !== undefined ? AttributeFlag.PERMISSIONS : 0) |
      (times ? AttributeFlag.ACMODTIME : 0),
  );
  if (size !== undefined) writer.uint64(size);
  if (owner) writer.uint32(owner.uid).uint32(owner.gid);
  if (permissions !== undefined) writer.uint32(permissions);
  if (times) writer.uint32(times.accessed).uint32(times.modified);
}
