import { expectKind } from '../raw-sftp-client.js';
import { decodeReply } from '../raw-replies.js';
import { open, type RawRequest } from '../raw-requests.js';
import { ByteReader, ByteWriter, frame, FXF, FXP } from '../raw-wire.js';
import { type ChannelSizes, openSftp } from './raw-session.js';
import type { RawSsh } from './raw-ssh.js';
import { channelData, MSG } from './ssh-messages.js';

/** INIT of version 3. */
export const INIT = frame(Buffer.of(FXP.INIT, 0, 0, 0, 3));

/** The framed packet of a request. */
export function sftpPacket({ type, body }: RawRequest, id = 1): Buffer {
  return frame(new ByteWriter().u8(type).u32(id).bytes(body).done());
}

/** An SFTP channel on which a file is open for reading: where an attack on its content begins. */
export interface OpenRawFile {
  /** The server's number of the channel. */
  readonly peer: number;
  readonly handle: Buffer;
}

/** Opens a channel, negotiates, and opens a file for reading. */
export async function openRawFile(
  client: RawSsh,
  path: string,
  sizes: ChannelSizes,
): Promise<OpenRawFile> {
  const peer = await openSftp(client, sizes);
  await client.send(channelData(peer, INIT));
  await client.next(MSG.CHANNEL_DATA);
  await client.send(channelData(peer, sftpPacket(open(path, FXF.READ))));
  const { handle } = expectKind(decodeReply(await dataOf(client)), 'HANDLE');
  return { peer, handle };
}

/** The first SFTP packet of the next message with data. */
async function dataOf(client: RawSsh): Promise<Buffer> {
  const reader = new ByteReader(await client.next(MSG.CHANNEL_DATA));
  reader.bytes(5);
  return new ByteReader(reader.raw()).raw();
}
