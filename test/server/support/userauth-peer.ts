import { once } from 'node:events';
import type { Socket } from 'node:net';

import ssh2, { type Client } from 'ssh2';

import { within } from '../../support/raw-transport.js';

/** Messages of the authentication protocol (RFC 4252, section 6; RFC 4256, section 5). */
export const USERAUTH = {
  REQUEST: 50,
  FAILURE: 51,
  SUCCESS: 52,
  SIXTY: 60,
  INFO_RESPONSE: 61,
} as const;
const DISCONNECT = 1;

interface RawProtocol {
  _onPayload: (payload: Buffer) => unknown;
  readonly _kex: { readonly sessionID: Buffer };
  readonly _cipher: { encrypt(packet: Buffer): void };
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(bytes: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
}

/** A string of SSH (RFC 4251, section 5). */
export function sshString(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A number of SSH. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** An `SSH_MSG_USERAUTH_REQUEST`; what the method carries is given as it goes out. */
export function authRequest(
  username: string | Buffer,
  method: string,
  rest: readonly Buffer[] = [],
  service = 'ssh-connection',
): Buffer {
  return Buffer.concat([
    Buffer.of(USERAUTH.REQUEST),
    sshString(username),
    sshString(service),
    sshString(method),
    ...rest,
  ]);
}

/** The same by password. */
export function passwordRequest(username: string | Buffer, password: string): Buffer {
  return authRequest(username, 'password', [Buffer.of(0), sshString(password)]);
}

/** The same by keyboard-interactive. */
export function dialogueRequest(username: string): Buffer {
  return authRequest(username, 'keyboard-interactive', [sshString(''), sshString('')]);
}

/** Answers to questions. */
export function answers(...given: readonly string[]): Buffer {
  return Buffer.concat([
    Buffer.of(USERAUTH.INFO_RESPONSE),
    uint32(given.length),
    ...given.map(sshString),
  ]);
}

/** A client that has exchanged keys and sends whatever a test likes; it answers nothing by itself. */
export class UserauthPeer {
  readonly client: Client;
  readonly #protocol: RawProtocol;
  readonly #received: Buffer[] = [];
  #wake: () => void = () => undefined;

  private constructor(client: Client) {
    this.client = client;
    const { _protocol } = client as unknown as { _protocol?: RawProtocol };
    if (_protocol === undefined) throw new Error('This version of ssh2 has no _protocol');
    this.#protocol = _protocol;
    const onPayload = _protocol._onPayload;
    _protocol._onPayload = (payload) => {
      const type = payload[0] ?? 0;
      const own: readonly number[] = Object.values(USERAUTH);
      if (own.includes(type) || type === DISCONNECT) {
        this.#received.push(Buffer.from(payload));
        this.#wake();
        return undefined;
      }
      return onPayload(payload);
    };
    client.on('close', () => {
      this.#wake();
    });
  }

  /** Comes to the point where it may log in. */
  static async connect(port: number): Promise<UserauthPeer> {
    const client = new ssh2.Client();
    const turn = new Promise<void>((resolve, reject) => {
      client.on('error', reject);
      client.connect({
        ...{ host: '127.0.0.1', port, username: 'x', readyTimeout: 0 },
        authHandler: () => {
          resolve();
        },
      });
    });
    const peer = new UserauthPeer(client);
    await within(turn, 'the end of a key exchange');
    return peer;
  }

  get sessionId(): Buffer {
    return this.#protocol._kex.sessionID;
  }

  send(...payloads: readonly Buffer[]): this {
    const { write } = this.#protocol._packetRW;
    for (const payload of payloads) {
      const packet = write.alloc(payload.length);
      packet.set(payload, write.allocStart);
      this.#protocol._cipher.encrypt(write.finalize(packet));
    }
    return this;
  }

  /** Whether the connection is closed. */
  get gone(): boolean {
    return this.#socket.destroyed || this.#socket.readyState !== 'open';
  }

  /** Waits until what was sent has left the process, or cannot leave any more. */
  async drained(): Promise<void> {
    const socket = this.#socket;
    if (!socket.writableNeedDrain || socket.destroyed) return;
    await within(
      new Promise<void>((resolve) => {
        socket.once('drain', resolve).once('close', resolve);
      }),
      'the server to read',
    );
  }

  /**
   * The next message of the server, told in words: `failure password,publickey`, `partial keyboard-interactive`,
   * `success`, `60 <bytes in hexadecimal>`, `disconnect 11`, or `closed`.
   */
  async next(): Promise<string> {
    for (;;) {
      const payload = this.#received.shift();
      if (payload !== undefined) return inWords(payload);
      if (this.#socket.destroyed) return 'closed';
      await within(
        new Promise<void>((resolve) => (this.#wake = resolve)),
        'a message of the server',
      );
    }
  }

  /** All that comes until the connection is closed. */
  async rest(): Promise<string[]> {
    const words: string[] = [];
    for (let word = await this.next(); word !== 'closed'; word = await this.next())
      words.push(word);
    return words;
  }

  get #socket(): Socket {
    return (this.client as unknown as { readonly _sock: Socket })._sock;
  }

  async leave(): Promise<void> {
    const closed = once(this.client, 'close');
    this.client.destroy();
    await within(closed, 'the end of a connection');
  }
}

function inWords(payload: Buffer): string {
  switch (payload[0]) {
    case USERAUTH.FAILURE: {
      const end = 5 + payload.readUInt32BE(1);
      const methods = payload.toString('latin1', 5, end);
      return `${payload[end] === 1 ? 'partial' : 'failure'} ${methods}`;
    }
    case USERAUTH.SUCCESS:
      return 'success';
    case DISCONNECT:
      return `disconnect ${payload.readUInt32BE(1)}`;
    default:
      return `${payload[0]} ${payload.toString('hex', 1)}`;
  }
}
