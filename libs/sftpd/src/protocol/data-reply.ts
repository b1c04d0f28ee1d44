import { PacketType } from './constants.js';

/** Bytes before the content of a DATA reply. */
export const DATA_HEADER_BYTES = 13;

/**
 * Completes a DATA reply that was built around its content (draft-ietf-secsh-filexfer-02, section 7): the
 * storage has read straight into the buffer, behind room for the header, and nothing is copied.
 *
 * @param buffer room for the header, then the content
 * @param id the request's id
 * @param length bytes of content
 * @returns the packet, a view of `buffer`
 */
export function finishDataReply(buffer: Buffer, id: number, length: number): Buffer {
  const packet = buffer.subarray(0, DATA_HEADER_BYTES + length);
  packet.writeUInt32BE(packet.length - 4, 0);
  packet[4] = PacketType.DATA;
  packet.writeUInt32BE(id, 5);
  packet.writeUInt32BE(length, 9);
  return packet;
}
