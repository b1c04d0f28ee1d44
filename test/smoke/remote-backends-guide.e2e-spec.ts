import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { putFile } from '../support/raw-files.js';
import { logIn } from '../server/support/log-in.js';
import { Child, killChildren } from './child.js';
import { blocksOf, compile, makeProject } from './support/code-blocks.js';

jest.setTimeout(60_000);

const PAGE = 'docs/guides/remote-backends.md';

let directory: string;
let filesPort: number;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'remote-guide-'));
  filesPort = await freePort();
  const blocks = await blocksOf(PAGE);
  const onFreePorts = blocks.map(({ file, code }) => ({
    file,
    code: code.replace('port: 2222', 'port: 0').replace('port: 4000', `port: ${filesPort}`),
  }));
  await makeProject(directory, onFreePorts);
  const { code, stdout, stderr } = await compile(directory);
  expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: '' });
});

afterEach(killChildren);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no port');
  return address.port;
}

function start(name: string): Child {
  return new Child([path.join(directory, 'dist', name)], { cwd: directory });
}

describe(PAGE, () => {
  it('has two programs that store together what a client uploads', async () => {
    await start('files.service.js').output(/Nest microservice successfully started/);
    const [, port] = await start('sftp.server.js').output(/Listening on \S+ port (\d+)/);
    const connection = await logIn({ port: Number(port) });
    const sftp: RawSftpClient = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/hello.txt', 'Hello!\n');
    await connection.end();
    expect(await readFile(path.join(directory, 'files', 'hello.txt'), 'utf8')).toBe('Hello!\n');
  });

  it('has a server that does not start alone, and says why', async () => {
    const { code, stdout, stderr } = await start('sftp.server.js').ended;
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/sftp-backend\.describe: connect ECONNREFUSED/);
  });
});
