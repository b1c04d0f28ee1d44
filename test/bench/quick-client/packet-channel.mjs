/** Packets of draft-ietf-secsh-filexfer-02. */
const TYPE = { INIT: 1, VERSION: 2, OPEN: 3, CLOSE: 4, READ: 5, HANDLE: 102, DATA: 103 };
const CLOSED = 'the channel was closed before the reply came';
const READ_FLAG = 1;
const HEADER_BYTES = 9; // length, type, request id

/** SFTP as single packets over a channel: no more than the bench needs, and nothing between it and the server. */
export class PacketChannel {
  #stream;
  #pending = Buffer.alloc(0);
  #nextId = 1;
  /** @type {Map<number, { resolve(packet: Buffer): void, reject(error: Error): void }>} by request id */
  #waiting = new Map();
  /** @type {() => void} */
  #versionArrived = () => undefined;

  /** @param {import('node:stream').Duplex} stream */
  constructor(stream) {
    this.#stream = stream;
    stream.on('data', (chunk) => this.#arrived(chunk));
    stream.once('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(CLOSED));
      this.#waiting.clear();
    });
  }

  /** SSH_FXP_INIT with version 3; done when the server has answered. */
  async initialize() {
    await new Promise((resolve, reject) => {
      this.#versionArrived = resolve;
      this.#stream.once('close', () => reject(new Error(CLOSED)));
      this.#stream.write(Buffer.from([0, 0, 0, 5, TYPE.INIT, 0, 0, 0, 3]));
    });
  }

  /** Opens a file to read. @param {string} path @returns {Promise<Buffer>} its handle */
  async open(path) {
    const reply = await this.#request(TYPE.OPEN, [string(path), uint32(READ_FLAG), uint32(0)]);
    mustBe(reply, TYPE.HANDLE);
    return reply.subarray(HEADER_BYTES + 4);
  }

  /**
   * Reads from a file.
   *
   * @param {Buffer} handle
   * @param {number} offset
   * @param {number} length
   * @returns {Promise<Buffer>}
   */
  async read(handle, offset, length) {
    const position = Buffer.alloc(8);
    position.writeBigUInt64BE(BigInt(offset));
    const reply = await this.#request(TYPE.READ, [string(handle), position, uint32(length)]);
    mustBe(reply, TYPE.DATA);
    return reply.subarray(HEADER_BYTES + 4);
  }

  /** @param {Buffer} handle */
  async close(handle) {
    await this.#request(TYPE.CLOSE, [string(handle)]);
  }

  #request(type, fields) {
    const id = this.#nextId;
    this.#nextId += 1;
    const body = Buffer.concat(fields);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(HEADER_BYTES - 4 + body.length);
    header[4] = type;
    header.writeUInt32BE(id, 5);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#stream.write(Buffer.concat([header, body]));
    });
  }

  #arrived(chunk) {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 4) {
      const end = 4 + this.#pending.readUInt32BE(0);
      if (this.#pending.length < end) return;
      const packet = this.#pending.subarray(0, end);
      this.#pending = this.#pending.subarray(end);
      if (packet[4] === TYPE.VERSION) {
        this.#versionArrived();
        continue;
      }
      const id = packet.readUInt32BE(5);
      this.#waiting.get(id)?.resolve(packet);
      this.#waiting.delete(id);
    }
  }
}

/** @param {Buffer} packet @param {number} type */
function mustBe(packet, type) {
  if (packet[4] !== type) throw new Error(`a packet of type ${packet[4]} came instead of ${type}`);
}

/** @param {number} value */
function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** @param {string | Buffer} value */
function string(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
