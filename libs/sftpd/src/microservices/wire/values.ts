import type {
  AttributeChanges,
  DirEntry,
  FileInfo,
  FileType,
  VfsInfo,
} from '../../filesystem/file-info.js';
import type { OpenFlags } from '../../filesystem/open-file.js';
import { MalformedMessageError, type MessageReader } from './message-reader.js';

/** A value as JSON can carry it. What is `undefined` is left out on the way. */
export type WireValue = Readonly<Record<string, unknown>>;

const FILE_TYPES: readonly FileType[] = [
  'regular',
  'directory',
  'symlink',
  'block-device',
  'character-device',
  'fifo',
  'socket',
];

/**
 * Binary content as base64: the one form that every transport's JSON carries at a known cost (four characters for
 * three bytes), where a `Buffer` would become a list of numbers.
 */
export function encodeBytes(content: Uint8Array): string {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
}

export function encodeInfo(info: FileInfo): WireValue {
  const { type, size, mode, uid, gid, owner, group, links, accessedAt, modifiedAt } = info;
  return {
    type,
    size,
    mode,
    uid,
    gid,
    owner,
    group,
    links,
    accessedAt: accessedAt?.getTime(),
    modifiedAt: modifiedAt?.getTime(),
  };
}

/** @throws MalformedMessageError */
export function decodeInfo(message: MessageReader): FileInfo {
  return compact<FileInfo>({
    type: fileType(message.text('type')),
    size: message.integer('size'),
    mode: message.optional('mode', 'integer'),
    uid: message.optional('uid', 'integer'),
    gid: message.optional('gid', 'integer'),
    owner: message.optional('owner', 'text'),
    group: message.optional('group', 'text'),
    links: message.optional('links', 'integer'),
    accessedAt: message.optional('accessedAt', 'date'),
    modifiedAt: message.optional('modifiedAt', 'date'),
  });
}

export function encodeEntry({ name, info }: DirEntry): WireValue {
  return { name, info: encodeInfo(info) };
}

/** @throws MalformedMessageError */
export function decodeEntry(message: MessageReader): DirEntry {
  return { name: message.text('name'), info: decodeInfo(message.record('info')) };
}

export function encodeChanges(changes: AttributeChanges): WireValue {
  const { size, mode, uid, gid, accessedAt, modifiedAt } = changes;
  return {
    size,
    mode,
    uid,
    gid,
    accessedAt: accessedAt?.getTime(),
    modifiedAt: modifiedAt?.getTime(),
  };
}

/** @throws MalformedMessageError */
export function decodeChanges(message: MessageReader): AttributeChanges {
  return compact<AttributeChanges>({
    size: message.optional('size', 'integer'),
    mode: message.optional('mode', 'integer'),
    uid: message.optional('uid', 'integer'),
    gid: message.optional('gid', 'integer'),
    accessedAt: message.optional('accessedAt', 'date'),
    modifiedAt: message.optional('modifiedAt', 'date'),
  });
}

export function encodeFlags(flags: OpenFlags): WireValue {
  const { read, write, append, create, truncate, exclusive, mode } = flags;
  return { read, write, append, create, truncate, exclusive, mode };
}

/** @throws MalformedMessageError */
export function decodeFlags(message: MessageReader): OpenFlags {
  return compact<OpenFlags>({
    read: message.flag('read'),
    write: message.flag('write'),
    append: message.flag('append'),
    create: message.flag('create'),
    truncate: message.flag('truncate'),
    exclusive: message.flag('exclusive'),
    mode: message.optional('mode', 'integer'),
  });
}

export function encodeVfsInfo(info: VfsInfo): WireValue {
  const { blockSize, totalBlocks, freeBlocks, availableBlocks, totalFiles, freeFiles } = info;
  const { readOnly, maxNameLength } = info;
  return {
    blockSize,
    totalBlocks,
    freeBlocks,
    availableBlocks,
    totalFiles,
    freeFiles,
    readOnly,
    maxNameLength,
  };
}

/** @throws MalformedMessageError */
export function decodeVfsInfo(message: MessageReader): VfsInfo {
  return compact<VfsInfo>({
    blockSize: message.quantity('blockSize'),
    totalBlocks: message.quantity('totalBlocks'),
    freeBlocks: message.quantity('freeBlocks'),
    availableBlocks: message.quantity('availableBlocks'),
    totalFiles: message.quantity('totalFiles'),
    freeFiles: message.quantity('freeFiles'),
    readOnly: message.optional('readOnly', 'flag'),
    maxNameLength: message.optional('maxNameLength', 'integer'),
  });
}

function fileType(name: string): FileType {
  const type = FILE_TYPES.find((known) => known === name);
  if (type === undefined) throw new MalformedMessageError('type must be the type of a file');
  return type;
}

/** An object without the optional fields that are not there. */
function compact<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
