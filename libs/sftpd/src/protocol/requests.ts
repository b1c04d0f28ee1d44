import { type Attributes, readAttributes } from './attributes.js';
import { PacketType, StatusCode } from './constants.js';
import { decodeExtension, type ExtendedRequest, isExtensionName } from './extensions.js';
import { PacketReader } from './packet-reader.js';
import { FieldError, MalformedPacketError, RequestRefusedError } from './protocol-errors.js';

const TYPE_AND_ID_BYTES = 5;

/** What a request asks for, decoded; paths are the client's own text, handles its own bytes. */
export type RequestBody =
  | {
      readonly type: 'open';
      readonly path: string;
      readonly flags: number;
      readonly attributes: Attributes;
    }
  | { readonly type: 'close'; readonly handle: Buffer }
  | {
      readonly type: 'read';
      readonly handle: Buffer;
      readonly offset: number;
      readonly length: number;
    }
  | {
      readonly type: 'write';
      readonly handle: Buffer;
      readonly offset: number;
      readonly data: Buffer;
    }
  | { readonly type: 'lstat'; readonly path: string }
  | { readonly type: 'fstat'; readonly handle: Buffer }
  | { readonly type: 'setstat'; readonly path: string; readonly attributes: Attributes }
  | { readonly type: 'fsetstat'; readonly handle: Buffer; readonly attributes: Attributes }
  | { readonly type: 'opendir'; readonly path: string }
  | { readonly type: 'readdir'; readonly handle: Buffer }
  | { readonly type: 'remove'; readonly path: string }
  | { readonly type: 'mkdir'; readonly path: string; readonly attributes: Attributes }
  | { readonly type: 'rmdir'; readonly path: string }
  | { readonly type: 'realpath'; readonly path: string }
  | { readonly type: 'stat'; readonly path: string }
  | { readonly type: 'rename'; readonly from: string; readonly to: string }
  | { readonly type: 'readlink'; readonly path: string }
  | { readonly type: 'symlink'; readonly target: string; readonly path: string }
  | ExtendedRequest;

/** One request of a client (draft-ietf-secsh-filexfer-02, section 6). */
export interface SftpRequest<B extends RequestBody = RequestBody> {
  readonly id: number;
  readonly body: B;
}

/** The version that INIT asks for, or `undefined` when the packet is no INIT. */
export function decodeInit(packet: Buffer): number | undefined {
  if (packet[0] !== PacketType.INIT || packet.length < TYPE_AND_ID_BYTES) return undefined;
  return packet.readUInt32BE(1);
}

/**
 * Decodes a request. Bytes after its last field are ignored, as OpenSSH does.
 *
 * @param packet the packet's body, type byte first
 * @throws MalformedPacketError when there is no id to answer to
 * @throws RequestRefusedError with `BAD_MESSAGE` (ends too soon), `OP_UNSUPPORTED` (unknown type or
 * extension) or `FAILURE` (a name that is not UTF-8, a number above 2^53 - 1)
 */
export function decodeRequest(packet: Buffer): SftpRequest {
  const type = packet[0];
  if (type === undefined || packet.length < TYPE_AND_ID_BYTES) {
    throw new MalformedPacketError('A packet is too short to be a request');
  }
  if (type === PacketType.INIT) {
    throw new MalformedPacketError('INIT came a second time');
  }
  const id = packet.readUInt32BE(1);
  try {
    return { id, body: decodeBody(type, new PacketReader(packet, TYPE_AND_ID_BYTES)) };
  } catch (error) {
    if (error instanceof FieldError) {
      throw new RequestRefusedError(id, error.status, error.message);
    }
    throw error;
  }
}

function decodeBody(type: number, r: PacketReader): RequestBody {
  switch (type) {
    case PacketType.OPEN:
      return { type: 'open', path: r.text(), flags: r.uint32(), attributes: readAttributes(r) };
    case PacketType.CLOSE:
      return { type: 'close', handle: r.bytes() };
    case PacketType.READ:
      return { type: 'read', handle: r.bytes(), offset: r.uint64(), length: r.uint32() };
    case PacketType.WRITE:
      return { type: 'write', handle: r.bytes(), offset: r.uint64(), data: r.bytes() };
    case PacketType.LSTAT:
      return { type: 'lstat', path: r.text() };
    case PacketType.FSTAT:
      return { type: 'fstat', handle: r.bytes() };
    case PacketType.SETSTAT:
      return { type: 'setstat', path: r.text(), attributes: readAttributes(r) };
    case PacketType.FSETSTAT:
      return { type: 'fsetstat', handle: r.bytes(), attributes: readAttributes(r) };
    case PacketType.OPENDIR:
      return { type: 'opendir', path: r.text() };
    case PacketType.READDIR:
      return { type: 'readdir', handle: r.bytes() };
    case PacketType.REMOVE:
      return { type: 'remove', path: r.text() };
    case PacketType.MKDIR:
      return { type: 'mkdir', path: r.text(), attributes: readAttributes(r) };
    case PacketType.RMDIR:
      return { type: 'rmdir', path: r.text() };
    case PacketType.REALPATH:
      return { type: 'realpath', path: r.text() };
    case PacketType.STAT:
      return { type: 'stat', path: r.text() };
    case PacketType.RENAME:
      return { type: 'rename', from: r.text(), to: r.text() };
    case PacketType.READLINK:
      return { type: 'readlink', path: r.text() };
    case PacketType.SYMLINK:
      // The draft has the link's path first; OpenSSH and all who follow it send the target first
      // (OpenSSH PROTOCOL, section 4.1).
      return { type: 'symlink', target: r.text(), path: r.text() };
    case PacketType.EXTENDED:
      return decodeExtended(r);
    default:
      throw new FieldError(StatusCode.OP_UNSUPPORTED, `Request type ${type} is not supported`);
  }
}

function decodeExtended(reader: PacketReader): ExtendedRequest {
  const name = reader.text();
  if (!isExtensionName(name)) {
    throw new FieldError(StatusCode.OP_UNSUPPORTED, 'The extension is not supported');
  }
  return decodeExtension(name, reader);
}
