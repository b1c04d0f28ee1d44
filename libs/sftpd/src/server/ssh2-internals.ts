import { createRequire } from 'node:module';
import { Socket } from 'node:net';

import type { Connection as SshConnection, ServerChannel, Session as SshSession } from 'ssh2';

import type { ReceivingEnd } from './receive-window.js';

/*
 * The only place that touches what ssh2 keeps to itself, each time with a guard: in a version where a field
 * is gone, the server goes on without what it was for.
 */

interface ChannelEnd {
  readonly id?: number;
  readonly window?: number;
  readonly packetSize?: number;
}

interface ChannelInternals {
  readonly outgoing?: ChannelEnd;
  readonly incoming?: { window?: number };
}

interface SessionInternals {
  readonly _channel?: unknown;
  readonly _chanInfo?: { readonly incoming?: ChannelEnd; readonly outgoing?: ChannelEnd };
}

interface CipherInternals {
  allocPacket?(payloadBytes: number): Buffer;
  readonly _encBlockLen?: number;
  readonly _aadLen?: number;
  readonly _macLen?: number;
}

interface ProtocolInternals {
  readonly _decipher?: object;
  _onPayload?: (payload: Buffer) => unknown;
  readonly _authsQueue?: unknown[];
  serviceAccept?(name: string): void;
  channelClose?(id: number): void;
  channelWindowAdjust?(id: number, bytes: number): void;
  _onHandshakeComplete?: (...negotiated: unknown[]) => void;
  readonly _cipher?: CipherInternals;
  readonly _kexinit?: unknown;
  readonly _packetRW?: {
    readonly write?: {
      alloc?: (payloadBytes: number, force?: boolean) => Buffer;
      finalize?: (packet: Buffer, ...rest: unknown[]) => Buffer;
    };
  };
}

interface CryptoInternals {
  readonly bindingAvailable?: unknown;
}

interface ConnectionInternals {
  readonly _sock?: unknown;
  readonly _protocol?: ProtocolInternals;
  readonly _chanMgr?: { remove?(id: number): void };
}

/**
 * Whether ssh2 encrypts with its native addon. It is built at installation where there is a C++ compiler; without it
 * ssh2 encrypts in JavaScript, several times slower.
 *
 * @param load loads a module of ssh2. @default what ssh2 itself has loaded
 * @returns `undefined` where ssh2 does not tell
 */
export function usesNativeAddon(
  load: (id: string) => unknown = createRequire(import.meta.url),
): boolean | undefined {
  try {
    const { bindingAvailable } = load('ssh2/lib/protocol/crypto.js') as CryptoInternals;
    return typeof bindingAvailable === 'boolean' ? bindingAvailable : undefined;
  } catch {
    return undefined;
  }
}

/** The socket of a connection; `undefined` where ssh2 does not tell. */
export function socketOf(connection: SshConnection): Socket | undefined {
  const { _sock } = connection as ConnectionInternals;
  return _sock instanceof Socket ? _sock : undefined;
}

/** Names of algorithms that ssh2 can negotiate as a server here, by the fields of its option `algorithms`. */
export type SupportedAlgorithms = Readonly<
  Record<'kex' | 'serverHostKey' | 'cipher' | 'hmac', readonly string[]>
>;

/**
 * What ssh2 supports as a server, in this process: it depends on Node's OpenSSL. `undefined` where ssh2 does not
 * tell; it then refuses itself what it does not know.
 */
export function supportedAlgorithms(): SupportedAlgorithms | undefined {
  try {
    const { SUPPORTED_KEX, SUPPORTED_SERVER_HOST_KEY, SUPPORTED_CIPHER, SUPPORTED_MAC } =
      createRequire(import.meta.url)('ssh2/lib/protocol/constants.js') as Record<string, string[]>;
    if (!SUPPORTED_KEX || !SUPPORTED_SERVER_HOST_KEY || !SUPPORTED_CIPHER || !SUPPORTED_MAC) {
      return undefined;
    }
    return {
      // ssh2 takes the names of a group exchange, and then fails: as a server it has none.
      kex: SUPPORTED_KEX.filter((name) => !name.includes('group-exchange')),
      serverHostKey: SUPPORTED_SERVER_HOST_KEY,
      cipher: SUPPORTED_CIPHER,
      hmac: SUPPORTED_MAC,
    };
  } catch {
    return undefined;
  }
}

/** Whether keys are being exchanged: the server has sent its part, and the exchange is not over. */
export function isExchangingKeys(connection: SshConnection): boolean {
  return (connection as ConnectionInternals)._protocol?._kexinit !== undefined;
}

/** SSH asks everybody to take packets of 32,768 bytes (RFC 4253, section 6.1); none needs to be this small. */
const MIN_PACKET_BYTES = 1024;

/**
 * Whether the peer has announced packets so small that sending to it would keep the process busy, for ever with
 * a size of 0 (ssh2#1504).
 */
export function takesTinyPackets(channel: ServerChannel): boolean {
  const { packetSize = MIN_PACKET_BYTES } = (channel as ChannelInternals).outgoing ?? {};
  return packetSize < MIN_PACKET_BYTES;
}

/** How many bytes the peer still takes on a channel (RFC 4254, section 5.2); `undefined` where ssh2 does not tell. */
export function sendingWindow(channel: ServerChannel): number | undefined {
  return (channel as ChannelInternals).outgoing?.window;
}

/** The end of a channel that the peer sends to; `undefined` where ssh2 does not tell. */
export function receivingEnd(
  connection: SshConnection,
  channel: ServerChannel,
): ReceivingEnd | undefined {
  const { incoming, outgoing } = channel as ChannelInternals;
  const { _protocol: protocol } = connection as ConnectionInternals;
  const id = outgoing?.id;
  if (incoming?.window === undefined || id === undefined) return undefined;
  if (typeof protocol?.channelWindowAdjust !== 'function') return undefined;
  return {
    left: () => incoming.window ?? 0,
    grant: (bytes) => {
      incoming.window = (incoming.window ?? 0) + bytes;
      protocol.channelWindowAdjust?.(id, bytes);
    },
  };
}

/** The end of the list of signature algorithms that ssh2 1.17 sends: a comma is missing after `nistp521`. */
const JOINED_NAMES = 'nistp521rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss';
/** The same without DSA, and without SHA-1 or with it; a private name (RFC 4251, section 6) fills it up to the length. */
const MENDED_NAMES = 'nistp521,rsa-sha2-512,rsa-sha2-256,x@nestjs-sftpd';
const MENDED_NAMES_WITH_SHA1 = 'nistp521,rsa-sha2-512,rsa-sha2-256,ssh-rsa,x@sftp';

/**
 * Mends the list of signature algorithms (RFC 8308, section 3.1) that the server sends when the first key
 * exchange is done; otherwise a client that signs with `rsa-sha2-512` alone finds no algorithm to use. To be
 * called before that.
 *
 * @param sha1 whether signatures of RSA keys over SHA-1 are taken
 */
export function mendSignatureAlgorithms(connection: SshConnection, sha1: boolean): void {
  const mended = sha1 ? MENDED_NAMES_WITH_SHA1 : MENDED_NAMES;
  const protocol = (connection as ConnectionInternals)._protocol;
  const complete = protocol?._onHandshakeComplete;
  if (protocol === undefined || complete === undefined) return;
  protocol._onHandshakeComplete = (...negotiated) => {
    protocol._onHandshakeComplete = complete;
    const write = protocol._packetRW?.write;
    const finalize = write?.finalize;
    if (write !== undefined && finalize !== undefined) {
      write.finalize = (packet, ...rest) => {
        const start = packet.indexOf(JOINED_NAMES);
        if (start !== -1) packet.write(mended, start, 'latin1');
        return finalize.call(write, packet, ...rest);
      };
    }
    complete.apply(protocol, negotiated);
    if (write !== undefined && finalize !== undefined) write.finalize = finalize;
  };
}

const USERAUTH_REQUEST = 50;

/**
 * Lets `inspect` see each message of the client before ssh2 does, from the end of the first key exchange on. To be
 * called before that.
 *
 * @param inspect returns what ssh2 is to have instead; `undefined` for nothing. It lets one request to log in
 *   through after the other
 * @returns hands over what was held back; `undefined` where ssh2 does not let anybody stand before it
 */
export function interceptMessages(
  connection: SshConnection,
  inspect: (payload: Buffer) => Buffer | undefined,
): ((payload: Buffer) => void) | undefined {
  const protocol = (connection as ConnectionInternals)._protocol;
  const onPayload = protocol?._onPayload;
  if (protocol === undefined || typeof onPayload !== 'function') return undefined;
  const deliver = (payload: Buffer): unknown => {
    // A dialogue that was broken off is still in ssh2's list, and its answers would be out of step from then on.
    if (payload[0] === USERAUTH_REQUEST && Array.isArray(protocol._authsQueue)) {
      protocol._authsQueue.length = 0;
    }
    return onPayload(payload);
  };
  protocol._onPayload = (payload) => {
    const inspected = inspect(payload);
    return inspected && deliver(inspected);
  };
  return (payload) => {
    try {
      deliver(payload);
    } catch (error) {
      // As ssh2 does with what its parser throws.
      connection.emit('error', error);
    }
  };
}

/**
 * Tells the type of each message of the client, from the end of the first key exchange on. To be called before that,
 * and after {@link interceptMessages}, which may keep messages back.
 *
 * @returns false where ssh2 does not let anybody watch
 */
export function watchMessages(connection: SshConnection, told: (type: number) => void): boolean {
  const protocol = (connection as ConnectionInternals)._protocol;
  const onPayload = protocol?._onPayload;
  if (protocol === undefined || typeof onPayload !== 'function') return false;
  protocol._onPayload = (payload) => {
    told(payload[0] ?? 0);
    return onPayload(payload);
  };
  return true;
}

/**
 * Whether ssh2 looks at memory of which all whole packets have been handled: of a packet whose end has not come it
 * keeps what has. Where it does not tell, it is taken to.
 */
export function holdsPartOf(connection: SshConnection, memory: ArrayBufferLike): boolean {
  const decipher = (connection as ConnectionInternals)._protocol?._decipher;
  if (decipher === undefined) return true;
  return Object.values(decipher).some(
    (value) => value instanceof Uint8Array && value.buffer === memory,
  );
}

/**
 * Tells the client that it may use a service (RFC 4253, section 10). ssh2 does so by itself once, and hangs up on a
 * client that asks again, as paramiko does before each way to log in that it tries.
 */
export function acceptService(connection: SshConnection, name: string): void {
  (connection as ConnectionInternals)._protocol?.serviceAccept?.(name);
}

/**
 * Closes a session that never got a channel, and forgets it. ssh2 leaves the peer's close of such a session
 * unanswered and keeps the entry, so that a client could pile them up.
 */
export function closeBareSession(connection: SshConnection, session: SshSession): void {
  const { _channel, _chanInfo } = session as SessionInternals;
  if (_channel !== undefined || _chanInfo === undefined) return;
  const { _protocol, _chanMgr } = connection as ConnectionInternals;
  const peerId = _chanInfo.outgoing?.id;
  const ownId = _chanInfo.incoming?.id;
  if (peerId !== undefined) _protocol?.channelClose?.(peerId);
  if (ownId !== undefined) _chanMgr?.remove?.(ownId);
}

/** Where the memory of outgoing SSH packets comes from. */
export interface PacketSource {
  /** A buffer of `length` bytes, its content undefined. */
  take(length: number): Buffer;
  /** Fills a part of a packet with random bytes. */
  fillRandom(packet: Buffer, start: number, end: number): void;
}

/** What a cipher decides about a packet (RFC 4253, section 6), in bytes. */
interface PacketLayout {
  readonly block: number;
  /** How much of the length field is not encrypted, and so not padded. */
  readonly plain: number;
  readonly mac: number;
}

const LENGTH_FIELD = 4;
const HEADER = LENGTH_FIELD + 1;
const MIN_PADDING = 4;

/** The ciphers of ssh2's native addon, which encrypt a packet where it lies. */
const LAYOUTS = new Map<string, (cipher: CipherInternals) => PacketLayout>([
  ['AESGCMCipherBinding', () => ({ block: 16, plain: LENGTH_FIELD, mac: 16 })],
  ['ChaChaPolyCipherBinding', () => ({ block: 8, plain: LENGTH_FIELD, mac: 16 })],
  [
    'GenericCipherBinding',
    ({ _encBlockLen = 0, _aadLen = 0, _macLen = 0 }) => ({
      block: _encBlockLen,
      plain: _aadLen,
      mac: _macLen,
    }),
  ],
]);

/**
 * Makes ssh2 take the memory of its packets from `source`, where it would get fresh memory and fresh random
 * bytes for each: that costs more than encrypting the packet, and garbage by the hundred megabytes.
 */
export function takePacketsFrom(connection: SshConnection, source: PacketSource): void {
  const protocol = (connection as ConnectionInternals)._protocol;
  const complete = protocol?._onHandshakeComplete;
  if (protocol === undefined || complete === undefined) return;
  // Each key exchange brings a new cipher, and a new writer of packets.
  protocol._onHandshakeComplete = (...negotiated) => {
    const write = protocol._packetRW?.write;
    const alloc = write?.alloc;
    const layout = layoutOf(protocol._cipher, source);
    if (write !== undefined && alloc !== undefined && layout !== undefined) {
      write.alloc = (payloadBytes, force) =>
        protocol._kexinit === undefined || force === true
          ? layPacket(layout, payloadBytes, source)
          : // What is sent in a key exchange is kept, without its padding, until the exchange is done.
            alloc.call(write, payloadBytes, force);
    }
    complete.apply(protocol, negotiated);
  };
}

/** The cipher's layout; `undefined` where it is unknown, or not what this version of ssh2 does. */
function layoutOf(
  cipher: CipherInternals | undefined,
  source: PacketSource,
): PacketLayout | undefined {
  const layout = cipher && LAYOUTS.get(cipher.constructor.name)?.(cipher);
  if (layout === undefined) return undefined;
  const same = [1, 9, 20, 32_777].every((payloadBytes) => {
    const expected = cipher?.allocPacket?.(payloadBytes);
    const laid = layPacket(layout, payloadBytes, source);
    return expected?.length === laid.length && expected.compare(laid, 0, HEADER, 0, HEADER) === 0;
  });
  return same ? layout : undefined;
}

function layPacket(layout: PacketLayout, payloadBytes: number, source: PacketSource): Buffer {
  const unpadded = HEADER + payloadBytes;
  let padding = layout.block - ((unpadded - layout.plain) % layout.block);
  if (padding < MIN_PADDING) padding += layout.block;
  const end = unpadded + padding;
  const packet = source.take(end + layout.mac);
  packet.writeUInt32BE(end - LENGTH_FIELD);
  packet[LENGTH_FIELD] = padding;
  source.fillRandom(packet, unpadded, end);
  return packet;
}
