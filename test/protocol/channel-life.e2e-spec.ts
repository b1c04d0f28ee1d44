import { randomBytes } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { getFile, putFile } from '../support/raw-files.js';
import {
  close,
  fstat,
  mkdir,
  open,
  opendir,
  read,
  realpath,
  remove,
  rmdir,
  stat,
  write,
} from '../support/raw-requests.js';
import type { RawConnection, RawServer } from '../support/raw-server.js';
import { outcomeOf, type RawSftpClient } from '../support/raw-sftp-client.js';
import { describeOfOurs, itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { within } from '../support/raw-transport.js';
import { FXF } from '../support/raw-wire.js';

const CREATE = FXF.READ | FXF.WRITE | FXF.CREAT | FXF.TRUNC;

describe.each(STORAGES)('the end of a channel over %s', (storage) => {
  const target = useTarget(storage);

  // OpenSSH's server exits at EOF with what is still to be sent
  itOfOurs(
    'EOF behind pipelined requests: every reply, then exit status 0 and the end',
    async () => {
      const { sftp, dir } = await target.fresh();
      const channel = await target.channel();
      const handle = await channel.handle(open(`${dir}/f`, CREATE));
      const ids = Array.from({ length: 50 }, (_each, n) =>
        channel.post(write(handle, n * 30_000, Buffer.alloc(30_000, n))),
      );
      ids.push(channel.post(close(handle)), channel.post(mkdir(`${dir}/d`)));
      channel.eof();
      const replies = await Promise.all(ids.map((id) => channel.replyTo(id)));
      expect(replies.map(outcomeOf)).toEqual(Array<string>(52).fill('OK'));
      expect(await channel.ended()).toBe(0);
      expect((await sftp.attrs(stat(`${dir}/f`))).size).toBe(1_500_000n);
    },
  );

  itOfOurs('EOF behind pipelined READs: all data still comes', async () => {
    const { sftp, dir } = await target.fresh();
    const content = randomBytes(2_000_000);
    await putFile(sftp, `${dir}/f`, content);
    const channel = await target.channel();
    const handle = await channel.handle(open(`${dir}/f`, FXF.READ));
    const ids = Array.from({ length: 20 }, (_each, n) =>
      channel.post(read(handle, n * 100_000, 100_000)),
    );
    channel.eof();
    const replies = await Promise.all(ids.map((id) => channel.replyTo(id)));
    const parts = replies.map((reply) => (reply.kind === 'DATA' ? reply.data : Buffer.alloc(0)));
    expect(Buffer.concat(parts).equals(content)).toBe(true);
    expect(await channel.ended()).toBe(0);
  });

  it('EOF at once, before and after INIT, ends with exit status 0', async () => {
    const before = await target.rawChannel();
    before.eof();
    expect(await before.ended()).toBe(0);
    const after = await target.channel();
    after.eof();
    expect(await after.ended()).toBe(0);
  });

  it('EOF inside a packet ends the channel too', async () => {
    const channel = await target.channel();
    const { bytes } = channel.encode(realpath('.'));
    channel.sendBytes(bytes.subarray(0, bytes.length - 1));
    channel.eof();
    await channel.ended();
    await (await target.channel()).alive();
  });

  it('a channel that is dropped with open handles leaves what was written, and nothing locked', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(mkdir(`${dir}/d`));
    const channel = await target.channel();
    const handle = await channel.handle(open(`${dir}/d/f`, CREATE));
    await channel.handle(opendir(`${dir}/d`));
    await channel.ok(write(handle, 0, 'part'));
    for (let n = 0; n < 20; n++) channel.post(write(handle, 4, Buffer.alloc(30_000, n)));
    await channel.destroy();
    expect((await getFile(sftp, `${dir}/d/f`)).subarray(0, 4).toString()).toBe('part');
    await sftp.ok(remove(`${dir}/d/f`));
    await sftp.ok(rmdir(`${dir}/d`));
  });

  it('channels are independent: ids, handles and ends are their own', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'shared');
    const channels = [await target.channel(), await target.channel(), await target.channel()];
    const handles = await Promise.all(
      channels.map((channel) => channel.handle(open(`${dir}/f`, FXF.READ))),
    );
    const [first, second, third] = channels as [RawSftpClient, RawSftpClient, RawSftpClient];
    const [, , handle = Buffer.alloc(0)] = handles;
    first.sendBytes(Buffer.alloc(4));
    second.eof();
    if (storage !== 'openssh') await first.ended();
    await second.ended();
    expect((await third.data(read(handle, 0, 9))).toString()).toBe('shared');
  });
});

describeOfOurs('what else a connection asks for', () => {
  let server: RawServer;
  let connection: RawConnection;
  let sftp: RawSftpClient;

  beforeAll(async () => {
    const { startRawServer } = await import('../support/raw-server.js');
    server = await startRawServer();
  });

  afterAll(async () => {
    await server.stop();
  });

  // ssh2's client leaves a refused channel open, and the channels of a connection are limited
  beforeEach(async () => {
    connection = await server.connect();
    sftp = await connection.channel();
    await sftp.init();
  });

  afterEach(async () => {
    await connection.end();
  });

  type Callback = (error: Error | undefined | null) => void;

  /** What the server says to a request that it must refuse; the SFTP channel beside it must not notice. */
  async function refused(ask: (done: Callback) => void): Promise<string> {
    const handle = await sftp.handle(open('/beside', CREATE));
    const answer = await within(
      new Promise<string>((resolve) => {
        ask((error) => {
          resolve(error ? 'refused' : 'granted');
        });
      }),
      'the refusal',
    );
    await sftp.ok(write(handle, 0, 'goes on'));
    await sftp.ok(close(handle));
    await sftp.alive();
    return answer;
  }

  it('a command', async () => {
    expect(await refused((done) => connection.ssh.exec('id', done))).toBe('refused');
  });

  it('a command with a terminal and with environment variables', async () => {
    const options = { pty: true, env: { LD_PRELOAD: '/evil.so', LANG: 'C' } };
    expect(await refused((done) => connection.ssh.exec('id', options, done))).toBe('refused');
    const quiet = { env: { LANG: 'C' } };
    expect(await refused((done) => connection.ssh.exec('id', quiet, done))).toBe('refused');
  });

  it('a shell, with and without a terminal', async () => {
    expect(await refused((done) => connection.ssh.shell(done))).toBe('refused');
    expect(await refused((done) => connection.ssh.shell(false, done))).toBe('refused');
  });

  it('X11', async () => {
    const options = { x11: { single: false, screen: 0 } };
    expect(await refused((done) => connection.ssh.exec('id', options, done))).toBe('refused');
  });

  it.each(['nope', '', 'SFTP', 'sftp-server', 'sftp\0', 'netconf'])(
    'the subsystem %j',
    async (name) => {
      expect(await refused((done) => connection.ssh.subsys(name, done))).toBe('refused');
    },
  );

  it('a tunnel out and a listener, for TCP and for Unix sockets', async () => {
    const { ssh } = connection;
    expect(await refused((done) => ssh.forwardOut('127.0.0.1', 1, '127.0.0.1', 22, done))).toBe(
      'refused',
    );
    expect(await refused((done) => ssh.forwardIn('127.0.0.1', 0, done))).toBe('refused');
    expect(await refused((done) => ssh.openssh_forwardOutStreamLocal('/tmp/none', done))).toBe(
      'refused',
    );
    expect(await refused((done) => ssh.openssh_forwardInStreamLocal('/tmp/none', done))).toBe(
      'refused',
    );
  });

  it('an agent', async () => {
    const agent = await server.connect({ agentForward: true, agent: '/nonexistent/agent' });
    const answer = await within(
      new Promise<string>((resolve) => {
        agent.ssh.exec('id', (error) => {
          resolve(error ? 'refused' : 'granted');
        });
      }),
      'the refusal of the agent',
    );
    expect(answer).toBe('refused');
    const beside = await agent.channel();
    await beside.init();
    await beside.alive();
    await agent.end();
  });

  it('a connection that is cut with requests under way leaves the others alone', async () => {
    const cut = await server.connect();
    const channel = await cut.channel();
    await channel.init();
    const handle = await channel.handle(open('/cut', CREATE));
    for (let n = 0; n < 30; n++) channel.post(write(handle, n * 10_000, Buffer.alloc(10_000)));
    cut.ssh.destroy();
    await channel.ended();
    await sftp.alive();
    await sftp.ok(remove('/cut'));
  });

  it('a malformed packet is told in the log, without what the client sent', async () => {
    const channel = await connection.channel();
    await channel.init();
    const before = server.log.length;
    channel.sendBytes(Buffer.concat([Buffer.from('ffffffff', 'hex'), Buffer.from('SECRET-BYTES')]));
    expect(await channel.ended()).not.toBe(0);
    const lines = server.log.slice(before);
    expect(lines.some(({ level, text }) => level === 'warn' && /packet/i.test(text))).toBe(true);
    expect(lines.some(({ text }) => text.includes('SECRET-BYTES'))).toBe(false);
    expect(await sftp.outcome(fstat('none'))).toBe('FAILURE');
  });
});
