import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

import { within } from '../raw-transport.js';
import { ByteReader } from '../raw-wire.js';
import { AGREEMENT_KEY, agreement, sessionKeys } from './key-agreement.js';
import { gcmSeal, type PacketSeal, PLAIN } from './packet-seal.js';
import { kexinit, message, MSG } from './ssh-messages.js';

/** Messages that a client may always get and that no attack waits for. */
const ASIDE: readonly number[] = [
  MSG.IGNORE,
  MSG.DEBUG,
  MSG.UNIMPLEMENTED,
  MSG.EXT_INFO,
  MSG.USERAUTH_BANNER,
  MSG.GLOBAL_REQUEST,
];

/** The server has ended the connection. */
export class RawSshEnded extends Error {
  override readonly name = 'RawSshEnded';
}

/**
 * An SSH client that does only what it is told, and everything that it is told: it sends what it likes before,
 * in and after a real key exchange (curve25519-sha256, aes128-gcm). It shares no code with the server.
 */
export class RawSsh {
  readonly socket: Socket;
  /** The server's identification, once it is there. */
  serverIdent = '';
  /** The exchange hash of the first key exchange (RFC 4253, section 7.2). */
  sessionId: Buffer = Buffer.alloc(0);
  /** The server's last KEXINIT. */
  serverKexinit: Buffer = Buffer.alloc(0);

  readonly #ident: string;
  readonly #closed: Promise<void>;
  #received: Buffer = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #outgoing: PacketSeal = PLAIN;
  #incoming: PacketSeal = PLAIN;
  #discarding = false;
  #ended = false;

  private constructor(port: number, ident: string) {
    this.#ident = ident;
    this.socket = createConnection({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('data', (chunk) => this.#take(chunk));
    // being cut off is what most attackers come to
    this.socket.on('error', () => undefined);
    this.#closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        this.#ended = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Connects by TCP, and says nothing. */
  static async dial(port: number, ident = 'SSH-2.0-attacker'): Promise<RawSsh> {
    const client = new RawSsh(port, ident);
    await within(once(client.socket, 'connect'), 'the TCP connection');
    return client;
  }

  /** Connects and exchanges keys: ready to log in. */
  static async connect(port: number, ident?: string): Promise<RawSsh> {
    const client = await RawSsh.dial(port, ident);
    await client.identify();
    await client.exchangeKeys();
    return client;
  }

  /** Whether the server has ended the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends the identification (RFC 4253, section 4.2). */
  identify(): Promise<void> {
    return this.write(Buffer.from(`${this.#ident}\r\n`));
  }

  /** Writes bytes as they are; settles when the system has taken them, or the connection is over. */
  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.destroyed) resolve();
      else this.socket.write(bytes, () => resolve());
    });
  }

  /** Puts payloads into packets, in one write. */
  send(...payloads: readonly Buffer[]): Promise<void> {
    return this.write(this.seal(...payloads));
  }

  /** The packets of payloads, as they are to be written next. */
  seal(...payloads: readonly Buffer[]): Buffer {
    return Buffer.concat(payloads.map((payload) => this.#outgoing.seal(payload)));
  }

  /**
   * The next message of one of the types; others are dropped, when they are not worth attention.
   *
   * @throws RawSshEnded when the server ends the connection first
   */
  async next(...types: readonly number[]): Promise<Buffer> {
    for (;;) {
      const payload = await within(this.#shift(), `a message of the types ${types.join(', ')}`);
      const type = payload.readUInt8();
      if (types.length === 0 || types.includes(type)) return payload;
      if (type === MSG.DISCONNECT) throw new RawSshEnded(reasonOf(payload));
      if (!ASIDE.includes(type)) throw new Error(`Message ${type} instead of ${types.join(', ')}`);
    }
  }

  /** A whole key exchange, the first one or a further one. */
  async exchangeKeys(offer = kexinit()): Promise<void> {
    await this.send(offer);
    const theirs = this.#ended ? undefined : await this.next(MSG.KEXINIT);
    if (theirs === undefined) throw new RawSshEnded('before the key exchange');
    this.serverKexinit = theirs;
    const own = AGREEMENT_KEY;
    await this.send(message(MSG.KEX_ECDH_INIT, (b) => b.string(own.public)));
    const reply = new ByteReader(await this.next(MSG.KEX_ECDH_REPLY));
    reply.u8();
    const { secret, hash } = agreement({
      clientIdent: this.#ident,
      serverIdent: this.serverIdent,
      clientKexinit: offer,
      serverKexinit: theirs,
      hostKey: reply.raw(),
      own,
      theirs: reply.raw(),
    });
    if (this.sessionId.length === 0) this.sessionId = hash;
    const keys = sessionKeys(secret, hash, this.sessionId);
    await this.next(MSG.NEWKEYS);
    this.#incoming = gcmSeal(keys.serverKey, keys.serverIv);
    await this.send(message(MSG.NEWKEYS));
    this.#outgoing = gcmSeal(keys.clientKey, keys.clientIv);
  }

  /** Takes nothing in any more. */
  stopReading(): void {
    this.socket.pause();
  }

  /** Takes in what comes from now on, and throws it away. */
  discard(): void {
    this.#discarding = true;
    this.#received = Buffer.alloc(0);
    this.socket.resume();
  }

  /** Waits until the server has ended the connection. */
  async cut(what: string): Promise<void> {
    this.socket.resume();
    await within(this.#closed, `the end of ${what}`);
  }

  /** Drops the connection and waits until it is gone. */
  async drop(): Promise<void> {
    this.socket.destroy();
    await this.#closed;
  }

  /** Opens one packet at a time: what is behind NEWKEYS is only read when its keys are there. */
  async #shift(): Promise<Buffer> {
    for (;;) {
      const opened = this.#identified() ? this.#incoming.open(this.#received) : undefined;
      if (opened !== undefined) {
        this.#received = this.#received.subarray(opened.length);
        return opened.payload;
      }
      if (this.#ended) throw new RawSshEnded('The server has ended the connection');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #take(chunk: Buffer): void {
    if (this.#discarding) return;
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    this.#wake();
  }

  #identified(): boolean {
    return this.serverIdent !== '' || this.#takeIdent();
  }

  #takeIdent(): boolean {
    const end = this.#received.indexOf('\r\n');
    if (end === -1) return false;
    this.serverIdent = this.#received.toString('latin1', 0, end);
    this.#received = this.#received.subarray(end + 2);
    return true;
  }
}

function reasonOf(disconnect: Buffer): string {
  const reader = new ByteReader(disconnect);
  reader.u8();
  return `The server disconnects with reason ${reader.u32()}`;
}
