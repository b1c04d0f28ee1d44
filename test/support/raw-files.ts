import { close, open, opendir, read, readdir, stat, write, type RawText } from './raw-requests.js';
import type { RawName } from './raw-replies.js';
import { outcomeOf, type RawSftpClient } from './raw-sftp-client.js';
import { FXF } from './raw-wire.js';

const PIECE = 32_768;

/** Makes or replaces a file. */
export async function putFile(sftp: RawSftpClient, path: RawText, content: RawText): Promise<void> {
  const data = Buffer.from(content);
  const handle = await sftp.handle(open(path, FXF.WRITE | FXF.CREAT | FXF.TRUNC));
  for (let at = 0; at < data.length; at += PIECE) {
    await sftp.ok(write(handle, at, data.subarray(at, at + PIECE)));
  }
  await sftp.ok(close(handle));
}

/** The whole content of a file. */
export async function getFile(sftp: RawSftpClient, path: RawText): Promise<Buffer> {
  const handle = await sftp.handle(open(path, FXF.READ));
  const content = await readAll(sftp, handle);
  await sftp.ok(close(handle));
  return content;
}

/** Reads a handle from the start to EOF. */
export async function readAll(sftp: RawSftpClient, handle: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const reply = await sftp.request(read(handle, at, PIECE));
    if (reply.kind !== 'DATA') {
      if (outcomeOf(reply) !== 'EOF') throw new Error(`READ answered ${outcomeOf(reply)}`);
      return Buffer.concat(parts);
    }
    if (reply.data.length === 0) throw new Error('READ answered with no bytes instead of EOF');
    parts.push(reply.data);
    at += reply.data.length;
  }
}

/** Every entry of a directory, `.` and `..` included. */
export async function listAll(sftp: RawSftpClient, path: RawText): Promise<RawName[]> {
  const handle = await sftp.handle(opendir(path));
  const entries: RawName[] = [];
  for (;;) {
    const reply = await sftp.request(readdir(handle));
    if (reply.kind !== 'NAME') {
      if (outcomeOf(reply) !== 'EOF') throw new Error(`READDIR answered ${outcomeOf(reply)}`);
      await sftp.ok(close(handle));
      return entries;
    }
    if (reply.names.length === 0) throw new Error('READDIR answered with no names instead of EOF');
    entries.push(...reply.names);
  }
}

/** Whether a path leads to something. */
export async function exists(sftp: RawSftpClient, path: RawText): Promise<boolean> {
  return (await sftp.outcome(stat(path))) === 'ATTRS';
}
