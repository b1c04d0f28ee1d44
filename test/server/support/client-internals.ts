import type { Client, ParsedKey } from 'ssh2';

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;

/** What ssh2's client keeps to itself and a test of a rude peer has to reach. */
export interface ClientProtocol {
  authPK(username: string, key: ParsedKey, algorithm?: string, sign?: Sign): void;
  authNone(username: string): void;
  session(channel: number, window: number, maxPacketSize: number): void;
  channelClose(peerChannel: number): void;
  channelWindowAdjust(peerChannel: number, bytes: number): void;
  exec(peerChannel: number, command: string, wantReply: boolean): void;
  subsystem(peerChannel: number, name: string, wantReply: boolean): void;
  rekey(): void;
}

/** The protocol object of a client that has begun to connect. */
export function protocolOf(client: Client): ClientProtocol {
  const { _protocol } = client as unknown as { _protocol?: ClientProtocol };
  if (_protocol === undefined) throw new Error('This version of ssh2 has no _protocol');
  return _protocol;
}

/** Announces another maximum packet size in every channel that the client opens from now on. */
export function announcePacketSize(client: Client, bytes: number): void {
  const protocol = protocolOf(client);
  const session = protocol.session.bind(protocol);
  protocol.session = (channel, window) => {
    session(channel, window, bytes);
  };
}

/** Grants the server a window of so many bytes in every channel that the client opens from now on. */
export function grantWindow(client: Client, bytes: number): void {
  const protocol = protocolOf(client);
  const session = protocol.session.bind(protocol);
  protocol.session = (channel, _window, maxPacketSize) => {
    session(channel, bytes, maxPacketSize);
  };
}

/** Replaces how the client asks to log in by public key. */
export function replaceKeyRequest(
  client: Client,
  replace: (original: ClientProtocol['authPK']) => ClientProtocol['authPK'],
): void {
  const protocol = protocolOf(client);
  protocol.authPK = replace(protocol.authPK.bind(protocol));
}

/** Makes the client send on all its channels as if their windows were endless. */
export function ignoreWindow(client: Client): void {
  for (const outgoing of outgoingOf(client)) outgoing.window = 2 ** 40;
}

/** Grants the server so many bytes more in all channels of the client. */
export function widenWindows(client: Client, bytes: number): void {
  for (const { id } of outgoingOf(client)) protocolOf(client).channelWindowAdjust(id, bytes);
}

interface Outgoing {
  /** The server's number of the channel. */
  readonly id: number;
  window: number;
}

/** The client's sides of its channels. */
function outgoingOf(client: Client): Outgoing[] {
  interface Channel {
    readonly outgoing?: Outgoing;
  }
  const { _chanMgr } = client as unknown as { _chanMgr?: { _channels: Record<string, Channel> } };
  if (_chanMgr === undefined) throw new Error('This version of ssh2 has no _chanMgr');
  return Object.values(_chanMgr._channels).flatMap(({ outgoing }) => outgoing ?? []);
}

/** The most that a client has been allowed to send on its one channel, in bytes, from now on. */
export function watchWindow(client: Client): { most: number } {
  const seen = { most: 0 };
  for (const outgoing of outgoingOf(client)) {
    let { window } = outgoing;
    Object.defineProperty(outgoing, 'window', {
      get: () => window,
      set: (bytes: number) => {
        window = bytes;
        seen.most = Math.max(seen.most, bytes);
      },
    });
  }
  return seen;
}
