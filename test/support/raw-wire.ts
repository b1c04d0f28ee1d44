/** Packet types of draft-ietf-secsh-filexfer-02 section 3. */
export const FXP = {
  INIT: 1,
  VERSION: 2,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  LSTAT: 7,
  FSTAT: 8,
  SETSTAT: 9,
  FSETSTAT: 10,
  OPENDIR: 11,
  READDIR: 12,
  REMOVE: 13,
  MKDIR: 14,
  RMDIR: 15,
  REALPATH: 16,
  STAT: 17,
  RENAME: 18,
  READLINK: 19,
  SYMLINK: 20,
  STATUS: 101,
  HANDLE: 102,
  DATA: 103,
  NAME: 104,
  ATTRS: 105,
  EXTENDED: 200,
  EXTENDED_REPLY: 201,
} as const;

/** Open flags, section 6.3. */
export const FXF = {
  READ: 0x01,
  WRITE: 0x02,
  APPEND: 0x04,
  CREAT: 0x08,
  TRUNC: 0x10,
  EXCL: 0x20,
} as const;

/** Names of the status codes that version 3 knows, section 7; the index is the code. */
export const STATUS_NAMES = [
  'OK',
  'EOF',
  'NO_SUCH_FILE',
  'PERMISSION_DENIED',
  'FAILURE',
  'BAD_MESSAGE',
  'NO_CONNECTION',
  'CONNECTION_LOST',
  'OP_UNSUPPORTED',
] as const;

/** Name of a status code. */
export type StatusName = (typeof STATUS_NAMES)[number];

/** Attributes as they travel, section 5; what is left out is not sent. */
export interface RawAttrs {
  readonly size?: bigint;
  readonly uid?: number;
  readonly gid?: number;
  readonly permissions?: number;
  readonly atime?: number;
  readonly mtime?: number;
  readonly extended?: readonly (readonly [string, string])[];
}

/** Puts SFTP fields one after the other. */
export class ByteWriter {
  readonly #parts: Buffer[] = [];

  u8(value: number): this {
    return this.bytes(Buffer.of(value));
  }

  u32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32BE(value);
    return this.bytes(part);
  }

  u64(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64BE(value);
    return this.bytes(part);
  }

  bytes(part: Buffer): this {
    this.#parts.push(part);
    return this;
  }

  string(value: string | Buffer): this {
    const part = Buffer.from(value);
    return this.u32(part.length).bytes(part);
  }

  attrs(attrs: RawAttrs): this {
    const { size, uid, gid, permissions, atime, mtime, extended } = attrs;
    const owned = uid !== undefined || gid !== undefined;
    const timed = atime !== undefined || mtime !== undefined;
    let flags = 0;
    if (size !== undefined) flags += 0x1;
    if (owned) flags += 0x2;
    if (permissions !== undefined) flags += 0x4;
    if (timed) flags += 0x8;
    if (extended !== undefined) flags += 0x80000000;
    this.u32(flags);
    if (size !== undefined) this.u64(size);
    if (owned) this.u32(uid ?? 0).u32(gid ?? 0);
    if (permissions !== undefined) this.u32(permissions);
    if (timed) this.u32(atime ?? 0).u32(mtime ?? 0);
    if (extended !== undefined) {
      this.u32(extended.length);
      for (const [name, value] of extended) this.string(name).string(value);
    }
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Takes SFTP fields one after the other; throws when the bytes end too early. */
export class ByteReader {
  #position = 0;

  constructor(readonly buffer: Buffer) {}

  get remaining(): number {
    return this.buffer.length - this.#position;
  }

  u8(): number {
    return this.bytes(1).readUInt8();
  }

  u32(): number {
    return this.bytes(4).readUInt32BE();
  }

  u64(): bigint {
    return this.bytes(8).readBigUInt64BE();
  }

  bytes(length: number): Buffer {
    if (length > this.remaining) {
      throw new Error(`The reply ends ${length - this.remaining} bytes inside a field`);
    }
    const start = this.#position;
    this.#position += length;
    return this.buffer.subarray(start, this.#position);
  }

  /** A string as bytes. */
  raw(): Buffer {
    return this.bytes(this.u32());
  }

  /** A string that must be UTF-8. */
  text(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.raw());
  }

  attrs(): RawAttrs {
    const flags = this.u32();
    const unknown = flags & 0x7ffffff0;
    if (unknown !== 0) throw new Error(`Unknown attribute flags 0x${unknown.toString(16)}`);
    const size = flags & 0x1 ? { size: this.u64() } : {};
    const owner = flags & 0x2 ? { uid: this.u32(), gid: this.u32() } : {};
    const mode = flags & 0x4 ? { permissions: this.u32() } : {};
    const times = flags & 0x8 ? { atime: this.u32(), mtime: this.u32() } : {};
    const extended = flags & 0x80000000 ? { extended: this.#pairs(this.u32()) } : {};
    return { ...size, ...owner, ...mode, ...times, ...extended };
  }

  /** Throws when bytes are left over. */
  finish(what: string): void {
    if (this.remaining > 0) throw new Error(`${what} has ${this.remaining} bytes too many`);
  }

  #pairs(count: number): (readonly [string, string])[] {
    const pairs: (readonly [string, string])[] = [];
    for (let n = 0; n < count; n++) pairs.push([this.text(), this.text()]);
    return pairs;
  }
}

/** A packet with its length in front (section 3). */
export function frame(payload: Buffer): Buffer {
  return new ByteWriter().string(payload).done();
}
