import { createCipheriv, createDecipheriv } from 'node:crypto';

/** A binary packet that has come whole. */
export interface OpenedPacket {
  readonly payload: Buffer;
  /** Bytes that it took. */
  readonly length: number;
}

/** How packets of one direction are put on the wire (RFC 4253, section 6). */
export interface PacketSeal {
  seal(payload: Buffer): Buffer;
  /** @returns `undefined` while the packet is not whole */
  open(bytes: Buffer): OpenedPacket | undefined;
}

/** Before the first key exchange. */
export const PLAIN: PacketSeal = {
  seal: (payload) => plainPacket(payload),
  open: (bytes) => {
    const length = bytes.length < 5 ? Infinity : 4 + bytes.readUInt32BE();
    if (bytes.length < length) return undefined;
    return { payload: bytes.subarray(5, length - bytes.readUInt8(4)), length };
  },
};

/** `aes128-gcm@openssh.com` (RFC 5647 with OpenSSH's changes); the nonce is counted here. */
export function gcmSeal(key: Buffer, iv: Buffer): PacketSeal {
  const nonce = Buffer.from(iv);
  const count = (): void => {
    nonce.writeBigUInt64BE(BigInt.asUintN(64, nonce.readBigUInt64BE(4) + 1n), 4);
  };
  return {
    seal: (payload) => {
      const packet = plainPacket(payload, 16, 4);
      const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(packet.subarray(0, 4));
      const sealed = cipher.update(packet.subarray(4));
      cipher.final();
      count();
      return Buffer.concat([packet.subarray(0, 4), sealed, cipher.getAuthTag()]);
    },
    open: (bytes) => {
      const end = bytes.length < 4 ? Infinity : 4 + bytes.readUInt32BE();
      if (bytes.length < end + 16) return undefined;
      const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAAD(bytes.subarray(0, 4));
      const opened = decipher.update(bytes.subarray(4, end));
      decipher.setAuthTag(bytes.subarray(end, end + 16)).final();
      count();
      return {
        payload: opened.subarray(1, opened.length - opened.readUInt8(0)),
        length: end + 16,
      };
    },
  };
}

/**
 * A packet that is not encrypted.
 *
 * @param block bytes of which all but `plain` of them is a multiple
 * @param plain bytes at the front that are not encrypted, and so not padded
 */
export function plainPacket(payload: Buffer, block = 8, plain = 0): Buffer {
  let padding = block - ((5 + payload.length - plain) % block);
  if (padding < 4) padding += block;
  const packet = Buffer.alloc(5 + payload.length + padding);
  packet.writeUInt32BE(packet.length - 4);
  packet[4] = padding;
  payload.copy(packet, 5);
  return packet;
}
