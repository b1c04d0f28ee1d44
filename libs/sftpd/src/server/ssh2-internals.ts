import { createRequire } from 'node:module';

import type { Connection as SshConnection, ServerChannel, Session as SshSession } from 'ssh2';

/*
 * The only place that touches what ssh2 keeps to itself, each time with a guard: in a version where a field
 * is gone, the server goes on without what it was for.
 */

interface ChannelEnd {
  readonly id?: number;
  readonly packetSize?: number;
}

interface ChannelInternals {
  readonly outgoing?: ChannelEnd;
}

interface SessionInternals {
  readonly _channel?: unknown;
  readonly _chanInfo?: { readonly incoming?: ChannelEnd; readonly outgoing?: ChannelEnd };
}

interface ProtocolInternals {
  channelClose?(id: number): void;
  _onHandshakeComplete?: (...negotiated: unknown[]) => void;
  readonly _packetRW?: {
    readonly write?: { finalize?: (packet: Buffer, ...rest: unknown[]) => Buffer };
  };
}

interface ConnectionInternals {
  readonly _protocol?: ProtocolInternals;
  readonly _chanMgr?: { remove?(id: number): void };
}

/**
 * Whether ssh2's native addon is there. It is built at installation where there is a C++ compiler; without it
 * ssh2 encrypts in JavaScript, several times slower.
 */
export function hasNativeCrypto(): boolean {
  try {
    createRequire(import.meta.url)('ssh2/lib/protocol/crypto/build/Release/sshcrypto.node');
    return true;
  } catch {
    return false;
  }
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

/** The end of the list of signature algorithms that ssh2 1.17 sends: a comma is missing after `nistp521`. */
const JOINED_NAMES = 'nistp521rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss';
/** The same without SHA-1 and DSA; a private name (RFC 4251, section 6) fills it up to the same length. */
const MENDED_NAMES = 'nistp521,rsa-sha2-512,rsa-sha2-256,x@nestjs-sftpd';

/**
 * Mends the list of signature algorithms (RFC 8308, section 3.1) that the server sends when the first key
 * exchange is done; otherwise a client that signs with `rsa-sha2-512` alone finds no algorithm to use. To be
 * called before that.
 */
export function mendSignatureAlgorithms(connection: SshConnection): void {
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
        if (start !== -1) packet.write(MENDED_NAMES, start, 'latin1');
        return finalize.call(write, packet, ...rest);
      };
    }
    complete.apply(protocol, negotiated);
    if (write !== undefined && finalize !== undefined) write.finalize = finalize;
  };
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
