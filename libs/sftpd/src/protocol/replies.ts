import { type Attributes, NO_ATTRIBUTES, writeAttributes } from './attributes.js';
import { PacketType, SFTP_VERSION, StatusCode } from './constants.js';
import { PacketWriter } from './packet-writer.js';

const STATUS_TEXT: Readonly<Record<StatusCode, string>> = {
  [StatusCode.OK]: 'Success',
  [StatusCode.EOF]: 'End of file',
  [StatusCode.NO_SUCH_FILE]: 'No such file',
  [StatusCode.PERMISSION_DENIED]: 'Permission denied',
  [StatusCode.FAILURE]: 'Failure',
  [StatusCode.BAD_MESSAGE]: 'Bad message',
  [StatusCode.NO_CONNECTION]: 'No connection',
  [StatusCode.CONNECTION_LOST]: 'Connection lost',
  [StatusCode.OP_UNSUPPORTED]: 'Operation unsupported',
};

/** VERSION with the extensions that are offered, as pairs of name and data (section 4). */
export function versionPacket(
  extensions: readonly (readonly [name: string, data: string])[],
): Buffer {
  const writer = new PacketWriter(PacketType.VERSION).uint32(SFTP_VERSION);
  for (const [name, data] of extensions) writer.text(name).text(data);
  return writer.finish();
}

/**
 * STATUS (section 7).
 *
 * @param message for the client's user to read; English
 * @default message the code's own words
 */
export function statusReply(id: number, code: StatusCode, message = STATUS_TEXT[code]): Buffer {
  return new PacketWriter(PacketType.STATUS)
    .uint32(id)
    .uint32(code)
    .text(message)
    .text('en')
    .finish();
}

/** HANDLE (section 7). */
export function handleReply(id: number, handle: Uint8Array): Buffer {
  return new PacketWriter(PacketType.HANDLE).uint32(id).bytes(handle).finish();
}

/** ATTRS (section 7). */
export function attributesReply(id: number, attributes: Attributes): Buffer {
  const writer = new PacketWriter(PacketType.ATTRS).uint32(id);
  writeAttributes(writer, attributes);
  return writer.finish();
}

/** NAME with a single name and no attributes, as REALPATH and READLINK are answered (section 6.11). */
export function nameReply(id: number, name: string): Buffer {
  const writer = new PacketWriter(PacketType.NAME).uint32(id).uint32(1).text(name).text(name);
  writeAttributes(writer, NO_ATTRIBUTES);
  return writer.finish();
}

/** EXTENDED_REPLY; `write` adds the extension's own fields (section 8). */
export function extendedReply(id: number, write: (writer: PacketWriter) => void): Buffer {
  const writer = new PacketWriter(PacketType.EXTENDED_REPLY).uint32(id);
  write(writer);
  return writer.finish();
}
