import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import ssh2, { type Client, type SFTPWrapper } from 'ssh2';

import { type Child, killChildren } from '../smoke/child.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { portOf, serve } from './support/cli.js';

jest.setTimeout(180_000);

let home: TempDir;
const clients: Client[] = [];

beforeAll(async () => {
  home = await makeTempDir();
  await mkdir(path.join(home.path, 'files'));
  await writeFile(path.join(home.path, 'password'), 'pass', { mode: 0o600 });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await killChildren();
});

afterAll(() => home.remove());

function called<T>(call: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

/** A server and a client of it that has half of an upload written. */
async function halfAnUpload(): Promise<{ child: Child; sftp: SFTPWrapper; handle: Buffer }> {
  const child = serve(home.path, ['files', '--password-file', 'password']);
  const client = new ssh2.Client();
  clients.push(client);
  client.on('error', () => undefined);
  const port = await portOf(child);
  client.connect({ host: '127.0.0.1', port, username: 'me', password: 'pass' });
  await once(client, 'ready');
  const sftp = await called<SFTPWrapper>((done) => client.sftp(done));
  const handle = await called<Buffer>((done) => sftp.open('/slow.bin', 'w', done));
  await called((done) => sftp.write(handle, Buffer.from('first '), 0, 6, 0, done));
  return { child, sftp, handle };
}

describe('a served folder that is told to stop in the middle of an upload', () => {
  it('lets it end, and ends with 0', async () => {
    const { child, sftp, handle } = await halfAnUpload();
    child.kill('SIGTERM');
    await child.output(/^SIGTERM: finishing running transfers/m);
    await called((done) => sftp.write(handle, Buffer.from('second'), 0, 6, 6, done));
    await called((done) => sftp.close(handle, done));
    const { code, signal, stdout, stderr } = await child.ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(stdout).toMatch(/^"me" uploaded "\/slow\.bin" \(12 bytes\)\nStopped\n$/m);
    expect(await readFile(path.join(home.path, 'files', 'slow.bin'), 'utf8')).toBe('first second');
  });

  it('ends at once with 1 when it is told again', async () => {
    const { child } = await halfAnUpload();
    child.kill('SIGINT');
    await child.output(/^SIGINT: finishing running transfers/m);
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ code: 1, signal: null });
  });

  it('tells of an upload that was cut off', async () => {
    const { child } = await halfAnUpload();
    for (const client of clients) client.destroy();
    await child.output(/^"me" did not finish "\/slow\.bin" \(6 bytes; disconnected\)$/m);
  });
});
