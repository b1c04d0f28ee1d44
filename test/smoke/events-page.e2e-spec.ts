import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { logIn } from '../server/support/log-in.js';
import { close, open, stat, write } from '../support/raw-requests.js';
import { FXF } from '../support/raw-wire.js';
import { Child, killChildren } from './child.js';
import { blocksOf, compile, makeProject } from './support/code-blocks.js';

jest.setTimeout(60_000);

const PAGE = 'docs/reference/events.md';
const CREATE = FXF.WRITE | FXF.CREAT | FXF.TRUNC;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'events-page-'));
  const blocks = await blocksOf(PAGE);
  await makeProject(
    directory,
    blocks.map(({ file, code }) => ({ file, code: code.replace('port: 2222', 'port: 0') })),
  );
  const { code, stdout, stderr } = await compile(directory);
  expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: '' });
});

afterAll(killChildren);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe(`the deliveries of ${PAGE}`, () => {
  it('are told when they have arrived, and refused for what they are', async () => {
    const app = new Child([path.join(directory, 'dist', 'deliveries.app.js')], { cwd: directory });
    const [, port] = await app.output(/Listening on \S+ port (\d+)/);
    const connection = await logIn({ port: Number(port) });
    const sftp = await connection.channel();
    await sftp.init();
    const put = async (name: string, content: string): Promise<unknown> => {
      const handle = await sftp.handle(open(name, CREATE));
      await sftp.ok(write(handle, 0, content));
      return sftp.request(close(handle));
    };

    expect(await put('/a.csv', 'a,b\n1,2\n')).toMatchObject({ kind: 'STATUS', status: 'OK' });
    await app.output(/dev has delivered \/a\.csv, 8 bytes/);
    expect(await put('/a.txt', 'text')).toMatchObject({
      kind: 'STATUS',
      status: 'PERMISSION_DENIED',
      message: 'Only CSV files are taken',
    });
    await app.output(/\/a\.txt was not delivered: gate/);
    expect(await put('/zero.csv', 'a\0b')).toMatchObject({
      status: 'PERMISSION_DENIED',
      message: 'A CSV file has no zero bytes',
    });
    expect(await sftp.request(stat('/zero.csv'))).toMatchObject({
      kind: 'STATUS',
      status: 'NO_SUCH_FILE',
    });
    await connection.end();
  });
});
