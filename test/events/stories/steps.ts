import { expect } from '@jest/globals';

import { sha256 } from '../../support/fixtures.js';
import { open, type RawRequest, type RawText, write } from '../../support/raw-requests.js';
import { expectKind, type RawSftpClient } from '../../support/raw-sftp-client.js';
import { FXF, type StatusName } from '../../support/raw-wire.js';
import type { Stage } from '../support/stage.js';

/** What clients open a file with that they upload as a whole. */
export const CREATE = FXF.WRITE | FXF.CREAT | FXF.TRUNC;

/** Opens a file as {@link CREATE} says and writes the beginning of it. @returns the handle */
export async function begin(
  sftp: RawSftpClient,
  path: RawText,
  content: RawText,
  flags: number = CREATE,
): Promise<Buffer> {
  const handle = await sftp.handle(open(path, flags));
  await sftp.ok(write(handle, 0, content));
  return handle;
}

/** Expects a status, and a message of it that a pattern describes. */
export async function expectStatus(
  sftp: RawSftpClient,
  request: RawRequest,
  status: StatusName,
  message: string | RegExp = /./,
): Promise<void> {
  const reply = expectKind(await sftp.request(request), 'STATUS');
  expect(reply.status).toBe(status);
  expect(reply.message).toMatch(message);
}

/** Expects what is stored under a name: nothing, or this. */
export async function expectStored(
  { ground }: Stage,
  path: string,
  content: string | Buffer | undefined,
): Promise<void> {
  const expected =
    content === undefined
      ? undefined
      : { size: Buffer.from(content).length, sha256: sha256(Buffer.from(content)) };
  expect(await ground.see(path)).toEqual(expected);
}
