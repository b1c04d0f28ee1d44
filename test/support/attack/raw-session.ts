import { ByteReader } from '../raw-wire.js';
import { RawSsh } from './raw-ssh.js';
import { channelOpen, channelRequest, message, MSG, passwordRequest } from './ssh-messages.js';

/** Logs in as `dev` with its password. */
export async function logIn(port: number, username = 'dev', password = 'dev'): Promise<RawSsh> {
  const client = await RawSsh.connect(port);
  await requestService(client);
  await client.send(passwordRequest(username, password));
  await client.next(MSG.USERAUTH_SUCCESS);
  return client;
}

/** Asks for the service that logs in (RFC 4253, section 10). */
export async function requestService(client: RawSsh, name = 'ssh-userauth'): Promise<void> {
  await client.send(message(MSG.SERVICE_REQUEST, (b) => b.string(name)));
  await client.next(MSG.SERVICE_ACCEPT);
}

/** How a channel is opened. */
export interface ChannelSizes {
  /** The client's number of the channel. @default 0 */
  readonly own?: number;
  /** @default 2097152 */
  readonly window?: number;
  /** @default 32768 */
  readonly packet?: number;
}

/** Opens a channel. @returns the server's number of it */
export async function openSession(client: RawSsh, sizes: ChannelSizes = {}): Promise<number> {
  const { own = 0, window, packet } = sizes;
  await client.send(channelOpen(own, window, packet));
  const reader = new ByteReader(await client.next(MSG.CHANNEL_OPEN_CONFIRMATION));
  reader.bytes(5);
  return reader.u32();
}

/** Asks for the SFTP subsystem, without waiting for the answer. */
export function subsystemRequest(peer: number, wantReply = true, name = 'sftp'): Buffer {
  return channelRequest(peer, 'subsystem', wantReply, (b) => b.string(name));
}

/** Opens a channel with the SFTP subsystem. @returns the server's number of it */
export async function openSftp(client: RawSsh, sizes?: ChannelSizes): Promise<number> {
  const peer = await openSession(client, sizes);
  await client.send(subsystemRequest(peer));
  await client.next(MSG.CHANNEL_SUCCESS);
  return peer;
}
