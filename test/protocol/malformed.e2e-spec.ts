import { describe, expect, it } from '@jest/globals';

import { exists, getFile, listAll, putFile } from '../support/raw-files.js';
import { random } from '../support/raw-random.js';
import * as requests from '../support/raw-requests.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { ByteWriter, frame, FXF, FXP } from '../support/raw-wire.js';

const MAX_PACKET = 262_144;
/** An answer that grants nothing. */
const REFUSED =
  /^(NO_SUCH_FILE|PERMISSION_DENIED|FAILURE|BAD_MESSAGE|OP_UNSUPPORTED|CHANNEL ENDED)$/;

/** One whole request of each kind; each field counts, so that none can be left out. */
function wholeRequests(dir: string, handle: Buffer): Record<string, requests.RawRequest> {
  const attrs = { size: 1n, uid: 1, gid: 1, permissions: 0o600, atime: 1, mtime: 1 };
  const file = `${dir}/file`;
  const fresh = `${dir}/new`;
  return {
    OPEN: requests.open(fresh, FXF.WRITE | FXF.CREAT, attrs),
    READ: requests.read(handle, 0, 10),
    WRITE: requests.write(handle, 0, 'data'),
    LSTAT: requests.lstat(file),
    FSTAT: requests.fstat(handle),
    SETSTAT: requests.setstat(file, { ...attrs, extended: [['a@b', 'c']] }),
    FSETSTAT: requests.fsetstat(handle, attrs),
    OPENDIR: requests.opendir(dir),
    READDIR: requests.readdir(handle),
    REMOVE: requests.remove(file),
    MKDIR: requests.mkdir(fresh, attrs),
    RMDIR: requests.rmdir(file),
    REALPATH: requests.realpath(dir),
    STAT: requests.stat(file),
    RENAME: requests.rename(file, fresh),
    READLINK: requests.readlink(file),
    SYMLINK: requests.symlink('file', fresh),
    CLOSE: requests.close(handle),
    'posix-rename': requests.posixRename(file, fresh),
    statvfs: requests.statvfs(file),
    fstatvfs: requests.fstatvfs(handle),
    hardlink: requests.hardlink(file, fresh),
    fsync: requests.fsync(handle),
    lsetstat: requests.lsetstat(file, attrs),
    'expand-path': requests.expandPath('~/x'),
    'copy-data': requests.copyData(handle, 0, 1, handle, 5),
    'copy-file': requests.copyFile(file, fresh, false),
    'home-directory': requests.homeDirectory('dev'),
    'users-groups-by-id': requests.usersGroupsById([1], [2]),
  };
}

describe.each(STORAGES)('malformed packets over %s', (storage) => {
  const target = useTarget(storage);

  /** A channel with the directory and the file that {@link wholeRequests} names; a new one when it ended. */
  async function prepare(
    dir: string,
    old?: RawSftpClient,
  ): Promise<{ channel: RawSftpClient; handle: Buffer }> {
    await old?.ended();
    const channel = await target.channel();
    return { channel, handle: await channel.handle(requests.open(`${dir}/file`, 3)) };
  }

  it.each(Object.keys(wholeRequests('', Buffer.alloc(0))))(
    '%s that is cut at any byte is refused and does nothing',
    async (name) => {
      const { sftp, dir } = await target.fresh();
      await putFile(sftp, `${dir}/file`, '0123456789');
      let { channel, handle } = await prepare(dir);
      const whole = (): requests.RawRequest => {
        const request = wholeRequests(dir, handle)[name];
        if (!request) throw new Error(`No request ${name}`);
        return request;
      };
      for (let length = 0; length < whole().body.length; length++) {
        const cut = requests.request(whole().type, whole().body.subarray(0, length));
        const outcome = await channel.outcome(cut);
        expect({ length, outcome }).toEqual({ length, outcome: expect.stringMatching(REFUSED) });
        if (outcome === 'CHANNEL ENDED') ({ channel, handle } = await prepare(dir, channel));
      }
      expect((await getFile(sftp, `${dir}/file`)).toString()).toBe('0123456789');
      expect(await exists(sftp, `${dir}/new`)).toBe(false);
    },
    30_000,
  );

  itOfOurs.each([
    [0, 'nothing'],
    [1, 'a type'],
    [4, 'a type and three bytes of id'],
  ])('a packet of %i bytes (%s) ends its channel', async (length) => {
    const other = await target.channel();
    const channel = await target.channel();
    channel.sendBytes(frame(Buffer.alloc(length, FXP.STAT)));
    expect(await channel.ended()).not.toBe(0);
    await other.alive();
    await (await target.channel()).alive();
  });

  it.each([MAX_PACKET + 1, 1_000_000, 0x7fffffff, 0x80000000, 0xffffffff])(
    'a packet that announces %i bytes ends its channel at once',
    async (length) => {
      const { sftp } = await target.fresh();
      const channel = await target.channel();
      channel.sendBytes(new ByteWriter().u32(length).u8(FXP.WRITE).done());
      expect(await channel.ended()).not.toBe(0);
      await sftp.alive();
      await (await target.channel()).alive();
    },
  );

  itOfOurs('what came whole before a malformed packet is still done', async () => {
    const { sftp, dir } = await target.fresh();
    const channel = await target.channel();
    const handle = await channel.handle(requests.open(`${dir}/f`, FXF.WRITE | FXF.CREAT));
    const { bytes } = channel.encode(requests.write(handle, 0, 'whole'));
    channel.sendBytes(Buffer.concat([bytes, Buffer.alloc(4)]));
    await channel.ended();
    expect((await getFile(sftp, `${dir}/f`)).toString()).toBe('whole');
  });

  it.each([0x7fffffff, 0xffffffff, 262_144, 100])(
    'a string that announces %i bytes more than there are is refused',
    async (length) => {
      const { sftp, dir } = await target.fresh();
      await putFile(sftp, `${dir}/file`, '0123456789');
      for (const type of [FXP.OPEN, FXP.STAT, FXP.READ, FXP.WRITE, FXP.RENAME, FXP.EXTENDED]) {
        const channel = await target.channel();
        const body = new ByteWriter().u32(length).bytes(Buffer.from(dir));
        const outcome = await channel.outcome(requests.request(type, body));
        expect({ type, outcome }).toEqual({ type, outcome: expect.stringMatching(REFUSED) });
      }
      await sftp.alive();
    },
  );

  it('attributes that announce four billion extended pairs are refused', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/file`, 'x');
    for (const pairs of [1, 1000, 0xffffffff]) {
      const channel = await target.channel();
      const body = new ByteWriter().string(`${dir}/file`).u32(0x80000000).u32(pairs);
      expect(await channel.outcome(requests.request(FXP.SETSTAT, body))).toMatch(REFUSED);
    }
    await sftp.alive();
  });

  // never against OpenSSH's server, which has the whole machine at hand
  itOfOurs('random bytes end their channel at worst, and leave the file system alone', async () => {
    const { sftp, dir } = await target.fresh();
    const rng = random(20_261_122);
    await putFile(sftp, `${dir}/file`, 'unharmed');
    for (let n = 0; n < 40; n++) {
      const channel = await target.rawChannel();
      if (n % 2 === 0) await channel.init();
      channel.sendBytes(rng.bytes(1 + rng.below(5000)));
      channel.eof();
      await channel.ended();
    }
    expect((await getFile(sftp, `${dir}/file`)).toString()).toBe('unharmed');
    expect(await listAll(sftp, dir)).toHaveLength(3);
  });
});

describe.each(STORAGES)('framing over %s', (storage) => {
  const target = useTarget(storage);

  it('takes a session that comes byte by byte', async () => {
    const { dir } = await target.fresh();
    const channel = await target.rawChannel();
    const bytewise = (bytes: Buffer): void => {
      for (const byte of bytes) channel.sendBytes(Buffer.of(byte));
    };
    await channel.init();
    const made = channel.encode(requests.mkdir(`${dir}/d`));
    bytewise(made.bytes);
    const opened = channel.encode(requests.open(`${dir}/d/f`, FXF.WRITE | FXF.CREAT));
    bytewise(opened.bytes);
    expect(await channel.replyTo(made.id)).toMatchObject({ status: 'OK' });
    const reply = await channel.replyTo(opened.id);
    if (reply.kind !== 'HANDLE') throw new Error(`OPEN answered ${reply.kind}`);
    const wrote = channel.encode(requests.write(reply.handle, 0, 'x'.repeat(2000)));
    bytewise(wrote.bytes);
    expect(await channel.replyTo(wrote.id)).toMatchObject({ status: 'OK' });
    expect((await getFile(channel, `${dir}/d/f`)).length).toBe(2000);
  });

  it('takes hundreds of packets in one write', async () => {
    const { sftp, dir } = await target.fresh();
    const encoded = Array.from({ length: 300 }, (_each, n) =>
      sftp.encode(requests.mkdir(`${dir}/${n}`)),
    );
    sftp.sendBytes(Buffer.concat(encoded.map(({ bytes }) => bytes)));
    for (const { id } of encoded) {
      expect(await sftp.replyTo(id)).toMatchObject({ kind: 'STATUS', status: 'OK' });
    }
    expect(await listAll(sftp, dir)).toHaveLength(302);
  });

  it('takes packets that are split anywhere, inside lengths too', async () => {
    const { sftp, dir } = await target.fresh();
    const rng = random(7);
    const handle = await sftp.handle(requests.open(`${dir}/f`, FXF.READ | FXF.WRITE | FXF.CREAT));
    const model = Buffer.alloc(200_000);
    const encoded = Array.from({ length: 100 }, (_each, n) => {
      const at = rng.below(150_000);
      const data = Buffer.alloc(1 + rng.below(5000), n + 1);
      data.copy(model, at);
      return sftp.encode(requests.write(handle, at, data));
    });
    const stream = Buffer.concat(encoded.map(({ bytes }) => bytes));
    for (let at = 0; at < stream.length;) {
      const length = rng.below(4) === 0 ? 1 + rng.below(6) : 1 + rng.below(20_000);
      sftp.sendBytes(stream.subarray(at, at + length));
      at += length;
    }
    for (const { id } of encoded) {
      expect(await sftp.replyTo(id)).toMatchObject({ kind: 'STATUS', status: 'OK' });
    }
    const content = await getFile(sftp, `${dir}/f`);
    expect(content.equals(model.subarray(0, content.length))).toBe(true);
    expect(model.subarray(content.length).every((byte) => byte === 0)).toBe(true);
  });
});
