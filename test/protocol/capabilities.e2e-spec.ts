import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { OpenFile, RandomAccessBackend, SftpBackend } from 'nestjs-sftpd';

import { getFile, putFile } from '../support/raw-files.js';
import * as requests from '../support/raw-requests.js';
import type { RawConnection, RawServer } from '../support/raw-server.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { describeOfOurs } from '../support/raw-target.js';
import { FXF } from '../support/raw-wire.js';

/** The methods of a backend that are required, and no other, over another backend. */
function requiredOnly(inner: RandomAccessBackend): SftpBackend {
  return {
    listDir: (path, session) => inner.listDir(path, session),
    fileInfo: (path, session) => inner.fileInfo(path, session),
    openFile: async (path, flags, session) =>
      requiredFileOnly(await inner.openFile(path, flags, session)),
    makeDir: (path, attributes, session) => inner.makeDir(path, attributes, session),
    delDir: (path, session) => inner.delDir(path, session),
    delete: (path, session) => inner.delete(path, session),
    rename: (from, to, options, session) => inner.rename(from, to, options, session),
  };
}

function requiredFileOnly(inner: OpenFile): OpenFile {
  return {
    read: (target, offset) => inner.read(target, offset),
    write: (data, offset) => inner.write(data, offset),
    stat: () => inner.stat(),
    close: () => inner.close(),
    abort: () => inner.abort(),
  };
}

describeOfOurs('a storage that can only do what is required', () => {
  let server: RawServer;
  let connection: RawConnection;
  let sftp: RawSftpClient;
  let extensions: readonly string[];

  beforeAll(async () => {
    const { startRawServer } = await import('../support/raw-server.js');
    const { MemoryBackend } = await import('nestjs-sftpd/memory');
    server = await startRawServer({ backend: requiredOnly(new MemoryBackend()) });
    connection = await server.connect();
    sftp = await connection.channel();
    extensions = [...(await sftp.init()).extensions.keys()];
  });

  afterAll(async () => {
    await connection.end();
    await server.stop();
  });

  it('is offered with the extensions that the server itself can do, and no other', () => {
    expect([...extensions].sort()).toEqual([
      'copy-data',
      'expand-path@openssh.com',
      'home-directory',
      'limits@openssh.com',
      'posix-rename@openssh.com',
    ]);
  });

  it('answers what it cannot do with OP_UNSUPPORTED and goes on', async () => {
    await putFile(sftp, '/f', 'content');
    const handle = await sftp.handle(requests.open('/f', FXF.READ | FXF.WRITE));
    for (const [name, request] of Object.entries({
      SETSTAT: requests.setstat('/f', { permissions: 0o600 }),
      FSETSTAT: requests.fsetstat(handle, { permissions: 0o600 }),
      SYMLINK: requests.symlink('f', '/l'),
      READLINK: requests.readlink('/f'),
      hardlink: requests.hardlink('/f', '/g'),
      lsetstat: requests.lsetstat('/f', { atime: 1, mtime: 1 }),
      statvfs: requests.statvfs('/f'),
      fstatvfs: requests.fstatvfs(handle),
      fsync: requests.fsync(handle),
      'copy-file': requests.copyFile('/f', '/g', true),
      'users-groups-by-id': requests.usersGroupsById([0], [0]),
    })) {
      expect({ name, outcome: await sftp.outcome(request) }).toEqual({
        name,
        outcome: 'OP_UNSUPPORTED',
      });
    }
    await sftp.ok(requests.close(handle));
    expect((await getFile(sftp, '/f')).toString()).toBe('content');
  });

  it('still stores, lists, renames and copies', async () => {
    await putFile(sftp, '/a', 'content');
    await putFile(sftp, '/b', 'old');
    expect((await sftp.attrs(requests.lstat('/a'))).size).toBe(7n);
    await sftp.ok(requests.posixRename('/a', '/b'));
    const from = await sftp.handle(requests.open('/b', FXF.READ));
    const to = await sftp.handle(requests.open('/c', FXF.WRITE | FXF.CREAT));
    await sftp.ok(requests.copyData(from, 0, 0, to, 0));
    await sftp.ok(requests.close(to));
    expect((await getFile(sftp, '/c')).toString()).toBe('content');
  });
});

describeOfOurs('limits for clients that break on large ones', () => {
  let server: RawServer;

  beforeAll(async () => {
    const { startRawServer } = await import('../support/raw-server.js');
    server = await startRawServer();
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each([
    ['OpenSSH_7.9p1', 261_120],
    ['OpenSSH_8.0', 32_768],
    ['OpenSSH_8.9p1 Ubuntu-3', 32_768],
    ['OpenSSH_9.0p1', 32_768],
    ['OpenSSH_9.1p1', 32_768],
    ['OpenSSH_9.2p1 Debian-2', 261_120],
    ['OpenSSH_9.10p1', 261_120],
    ['OpenSSH_10.0p2', 261_120],
    ['PuTTY_Release_0.80', 261_120],
  ])('%s is offered reads and writes of %i bytes', async (ident, bytes) => {
    const connection = await server.connect({ ident });
    const sftp = await connection.channel();
    await sftp.init();
    const reader = await sftp.extended(requests.limits());
    const packet = reader.u64();
    expect([reader.u64(), reader.u64()]).toEqual([BigInt(bytes), BigInt(bytes)]);
    expect(packet).toBeGreaterThanOrEqual(BigInt(bytes) + 1024n);
    expect(packet).toBeLessThanOrEqual(262_144n);
    await connection.end();
  });

  it('a reduced client can still write and read what it was offered', async () => {
    const connection = await server.connect({ ident: 'OpenSSH_8.9p1' });
    const sftp = await connection.channel();
    await sftp.init();
    const flags = FXF.READ | FXF.WRITE | FXF.CREAT;
    const handle = await sftp.handle(requests.open('/reduced', flags));
    await sftp.ok(requests.write(handle, 0, Buffer.alloc(32_768, 1)));
    expect(await sftp.data(requests.read(handle, 0, 32_768))).toHaveLength(32_768);
    const data = await sftp.data(requests.read(handle, 0, 261_120));
    expect(data.equals(Buffer.alloc(32_768, 1))).toBe(true);
    await connection.end();
  });

  // scp before 9.4 breaks when replies overtake each other; WS_FTP takes them by their position
  it.each(['OpenSSH_9.2p1', 'OpenSSH_8.9p1', 'WS_FTP-12.4-2014.02.17'])(
    '%s gets its replies in the order of its requests',
    async (ident) => {
      const connection = await server.connect({ ident });
      const sftp = await connection.channel();
      await sftp.init();
      await putFile(sftp, '/order', 'x'.repeat(1000));
      const handle = await sftp.handle(requests.open('/order', FXF.READ | FXF.WRITE));
      const before = sftp.arrivals.length;
      const ids = Array.from({ length: 100 }, (_each, n) => sftp.post(mixed(n, handle)));
      await Promise.all(ids.map((id) => sftp.replyTo(id)));
      expect(sftp.arrivals.slice(before).map(({ id }) => id)).toEqual(ids);
      await connection.end();
    },
  );
});

function mixed(n: number, handle: Buffer): requests.RawRequest {
  switch (n % 5) {
    case 0:
      return requests.write(handle, n, 'data');
    case 1:
      return requests.read(handle, 0, 500);
    case 2:
      return requests.stat('/order');
    case 3:
      return requests.fstat(Buffer.from('none'));
    default:
      return requests.request(99);
  }
}
