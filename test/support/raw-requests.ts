import { ByteWriter, FXP, type RawAttrs } from './raw-wire.js';

/** A path or a handle: text is sent as UTF-8. */
export type RawText = string | Buffer;

/** A request without its id: the packet type and what follows the id. */
export interface RawRequest {
  readonly type: number;
  readonly body: Buffer;
}

/** A request of any type with a body of any content. */
export function request(type: number, body: ByteWriter | Buffer = Buffer.alloc(0)): RawRequest {
  return { type, body: Buffer.isBuffer(body) ? body : body.done() };
}

const fields = (): ByteWriter => new ByteWriter();

// draft-ietf-secsh-filexfer-02 sections 6.3 to 6.10

export const open = (path: RawText, flags: number, attrs: RawAttrs = {}): RawRequest =>
  request(FXP.OPEN, fields().string(path).u32(flags).attrs(attrs));

export const close = (handle: RawText): RawRequest => request(FXP.CLOSE, fields().string(handle));

export const read = (handle: RawText, offset: bigint | number, length: number): RawRequest =>
  request(FXP.READ, fields().string(handle).u64(BigInt(offset)).u32(length));

export const write = (handle: RawText, offset: bigint | number, data: RawText): RawRequest =>
  request(FXP.WRITE, fields().string(handle).u64(BigInt(offset)).string(data));

export const lstat = (path: RawText): RawRequest => request(FXP.LSTAT, fields().string(path));
export const stat = (path: RawText): RawRequest => request(FXP.STAT, fields().string(path));
export const fstat = (handle: RawText): RawRequest => request(FXP.FSTAT, fields().string(handle));

export const setstat = (path: RawText, attrs: RawAttrs): RawRequest =>
  request(FXP.SETSTAT, fields().string(path).attrs(attrs));

export const fsetstat = (handle: RawText, attrs: RawAttrs): RawRequest =>
  request(FXP.FSETSTAT, fields().string(handle).attrs(attrs));

export const opendir = (path: RawText): RawRequest => request(FXP.OPENDIR, fields().string(path));

export const readdir = (handle: RawText): RawRequest =>
  request(FXP.READDIR, fields().string(handle));

export const remove = (path: RawText): RawRequest => request(FXP.REMOVE, fields().string(path));

export const mkdir = (path: RawText, attrs: RawAttrs = {}): RawRequest =>
  request(FXP.MKDIR, fields().string(path).attrs(attrs));

export const rmdir = (path: RawText): RawRequest => request(FXP.RMDIR, fields().string(path));

export const realpath = (path: RawText): RawRequest => request(FXP.REALPATH, fields().string(path));

export const rename = (from: RawText, to: RawText): RawRequest =>
  request(FXP.RENAME, fields().string(from).string(to));

export const readlink = (path: RawText): RawRequest => request(FXP.READLINK, fields().string(path));

/** SYMLINK with the target first, as OpenSSH sends it (PROTOCOL section 4.1). */
export const symlink = (target: RawText, link: RawText): RawRequest =>
  request(FXP.SYMLINK, fields().string(target).string(link));

/** A request of an extension by name (section 8). */
export function extended(
  name: RawText,
  build: (body: ByteWriter) => unknown = noFields,
): RawRequest {
  const body = fields().string(name);
  build(body);
  return request(FXP.EXTENDED, body);
}

function noFields(): void {
  // some extensions have no fields
}

// OpenSSH PROTOCOL section 4

export const posixRename = (from: RawText, to: RawText): RawRequest =>
  extended('posix-rename@openssh.com', (b) => b.string(from).string(to));

export const statvfs = (path: RawText): RawRequest =>
  extended('statvfs@openssh.com', (b) => b.string(path));

export const fstatvfs = (handle: RawText): RawRequest =>
  extended('fstatvfs@openssh.com', (b) => b.string(handle));

export const hardlink = (existing: RawText, path: RawText): RawRequest =>
  extended('hardlink@openssh.com', (b) => b.string(existing).string(path));

export const fsync = (handle: RawText): RawRequest =>
  extended('fsync@openssh.com', (b) => b.string(handle));

export const lsetstat = (path: RawText, attrs: RawAttrs): RawRequest =>
  extended('lsetstat@openssh.com', (b) => b.string(path).attrs(attrs));

export const limits = (): RawRequest => extended('limits@openssh.com');

export const expandPath = (path: RawText): RawRequest =>
  extended('expand-path@openssh.com', (b) => b.string(path));

export const homeDirectory = (user: RawText): RawRequest =>
  extended('home-directory', (b) => b.string(user));

/** Ids travel as u32s inside one string each. */
export const usersGroupsById = (uids: readonly number[], gids: readonly number[]): RawRequest =>
  extended('users-groups-by-id@openssh.com', (b) => b.string(ids(uids)).string(ids(gids)));

/** draft-ietf-secsh-filexfer-extensions-00 section 7; length 0 is to the end of the file. */
export const copyData = (
  from: RawText,
  fromOffset: bigint | number,
  length: bigint | number,
  to: RawText,
  toOffset: bigint | number,
): RawRequest =>
  extended('copy-data', (b) =>
    b.string(from).u64(BigInt(fromOffset)).u64(BigInt(length)).string(to).u64(BigInt(toOffset)),
  );

/** draft-ietf-secsh-filexfer-extensions-00 section 6. */
export const copyFile = (from: RawText, to: RawText, overwrite: boolean): RawRequest =>
  extended('copy-file', (b) =>
    b
      .string(from)
      .string(to)
      .u8(overwrite ? 1 : 0),
  );

function ids(values: readonly number[]): Buffer {
  const packed = fields();
  for (const value of values) packed.u32(value);
  return packed.done();
}
