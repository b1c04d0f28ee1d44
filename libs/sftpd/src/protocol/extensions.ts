import { type Attributes, readAttributes } from './attributes.js';
import { StatusCode } from './constants.js';
import type { PacketReader } from './packet-reader.js';
import { FieldError } from './protocol-errors.js';

/**
 * The extensions that the engine knows, with the version string that VERSION announces for each.
 * Those of OpenSSH are described in its PROTOCOL file, section 4; `copy-data`, `copy-file` and
 * `home-directory` in draft-ietf-secsh-filexfer-extensions-00.
 */
export const EXTENSION_VERSIONS = {
  'posix-rename@openssh.com': '1',
  'statvfs@openssh.com': '2',
  'fstatvfs@openssh.com': '2',
  'hardlink@openssh.com': '1',
  'fsync@openssh.com': '1',
  'lsetstat@openssh.com': '1',
  'limits@openssh.com': '1',
  'expand-path@openssh.com': '1',
  'copy-data': '1',
  'copy-file': '1',
  'home-directory': '1',
  'users-groups-by-id@openssh.com': '1',
} as const;

/** The name of an extension that the engine knows. */
export type ExtensionName = keyof typeof EXTENSION_VERSIONS;

/** An EXTENDED request, decoded. */
export type ExtendedRequest =
  | { readonly type: 'posix-rename@openssh.com'; readonly from: string; readonly to: string }
  | { readonly type: 'statvfs@openssh.com'; readonly path: string }
  | { readonly type: 'fstatvfs@openssh.com'; readonly handle: Buffer }
  | { readonly type: 'hardlink@openssh.com'; readonly existing: string; readonly path: string }
  | { readonly type: 'fsync@openssh.com'; readonly handle: Buffer }
  | {
      readonly type: 'lsetstat@openssh.com';
      readonly path: string;
      readonly attributes: Attributes;
    }
  | { readonly type: 'limits@openssh.com' }
  | { readonly type: 'expand-path@openssh.com'; readonly path: string }
  | {
      readonly type: 'copy-data';
      readonly source: Buffer;
      readonly sourceOffset: number;
      /** Bytes; 0 means up to the end of the source. */
      readonly length: number;
      readonly target: Buffer;
      readonly targetOffset: number;
    }
  | {
      readonly type: 'copy-file';
      readonly from: string;
      readonly to: string;
      readonly overwrite: boolean;
    }
  | { readonly type: 'home-directory'; readonly username: string }
  | {
      readonly type: 'users-groups-by-id@openssh.com';
      readonly uids: readonly number[];
      readonly gids: readonly number[];
    };

type Decoders = {
  readonly [N in ExtensionName]: (reader: PacketReader) => Extract<ExtendedRequest, { type: N }>;
};

const DECODERS: Decoders = {
  'posix-rename@openssh.com': (r) => ({
    type: 'posix-rename@openssh.com',
    from: r.text(),
    to: r.text(),
  }),
  'statvfs@openssh.com': (r) => ({ type: 'statvfs@openssh.com', path: r.text() }),
  'fstatvfs@openssh.com': (r) => ({ type: 'fstatvfs@openssh.com', handle: r.bytes() }),
  'hardlink@openssh.com': (r) => ({
    type: 'hardlink@openssh.com',
    existing: r.text(),
    path: r.text(),
  }),
  'fsync@openssh.com': (r) => ({ type: 'fsync@openssh.com', handle: r.bytes() }),
  'lsetstat@openssh.com': (r) => ({
    type: 'lsetstat@openssh.com',
    path: r.text(),
    attributes: readAttributes(r),
  }),
  'limits@openssh.com': () => ({ type: 'limits@openssh.com' }),
  'expand-path@openssh.com': (r) => ({ type: 'expand-path@openssh.com', path: r.text() }),
  'copy-data': (r) => ({
    type: 'copy-data',
    source: r.bytes(),
    sourceOffset: r.uint64(),
    length: r.uint64(),
    target: r.bytes(),
    targetOffset: r.uint64(),
  }),
  'copy-file': (r) => ({
    type: 'copy-file',
    from: r.text(),
    to: r.text(),
    overwrite: r.boolean(),
  }),
  'home-directory': (r) => ({ type: 'home-directory', username: r.text() }),
  'users-groups-by-id@openssh.com': (r) => ({
    type: 'users-groups-by-id@openssh.com',
    uids: readIds(r),
    gids: readIds(r),
  }),
};

/** Whether the engine knows the extension. */
export function isExtensionName(name: string): name is ExtensionName {
  return Object.hasOwn(EXTENSION_VERSIONS, name);
}

/**
 * Decodes what follows an extension's name in EXTENDED.
 *
 * @throws FieldError when the packet ends too soon or a value is refused
 */
export function decodeExtension(name: ExtensionName, reader: PacketReader): ExtendedRequest {
  return DECODERS[name](reader);
}

function readIds(reader: PacketReader): number[] {
  const packed = reader.bytes();
  if (packed.length % 4 !== 0) {
    throw new FieldError(StatusCode.BAD_MESSAGE, 'A list of ids ends in the middle of one');
  }
  const ids: number[] = [];
  for (let position = 0; position < packed.length; position += 4) {
    ids.push(packed.readUInt32BE(position));
  }
  return ids;
}
