import { describe, expect, it } from '@jest/globals';

import { lstat } from '../support/raw-requests.js';
import { itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { ByteWriter, FXP, frame } from '../support/raw-wire.js';

/** What OpenSSH PROTOCOL section 4 and draft-ietf-secsh-filexfer-extensions-00 announce. */
const EXTENSIONS = {
  'posix-rename@openssh.com': '1',
  'statvfs@openssh.com': '2',
  'fstatvfs@openssh.com': '2',
  'hardlink@openssh.com': '1',
  'fsync@openssh.com': '1',
  'lsetstat@openssh.com': '1',
  'limits@openssh.com': '1',
  'expand-path@openssh.com': '1',
  'copy-data': '1',
  'home-directory': '1',
  'users-groups-by-id@openssh.com': '1',
};

describe.each(STORAGES)('negotiation over %s', (storage) => {
  const target = useTarget(storage);

  it('answers INIT 3 with VERSION 3 and announces every extension with its version', async () => {
    const channel = await target.rawChannel();
    const { version, extensions } = await channel.init(3);
    expect(version).toBe(3);
    expect(Object.fromEntries(extensions)).toMatchObject(EXTENSIONS);
    await channel.alive();
  });

  itOfOurs('announces copy-file, which OpenSSH does not have, and nothing unknown', async () => {
    const channel = await target.rawChannel();
    const { extensions } = await channel.init(3);
    expect(Object.fromEntries(extensions)).toEqual({ ...EXTENSIONS, 'copy-file': '1' });
  });

  it.each([4, 6, 0xffffffff])('answers a client of version %i with version 3', async (version) => {
    const channel = await target.rawChannel();
    expect((await channel.init(version)).version).toBe(3);
    await channel.alive();
  });

  itOfOurs.each([0, 1, 2])(
    'never serves a client of version %i a version that it does not know',
    async (version) => {
      const channel = await target.rawChannel();
      const answer = await channel.init(version).then(
        (reply) => reply.version,
        () => 'CHANNEL ENDED',
      );
      expect([3, 'CHANNEL ENDED']).toContain(answer);
      if (answer === 'CHANNEL ENDED') await channel.ended();
      else await channel.alive();
    },
  );

  it('ignores the extension pairs that a client adds to INIT', async () => {
    const channel = await target.rawChannel();
    const trailing = new ByteWriter().string('vendor-id@example.com').string('any\0thing').done();
    expect((await channel.init(3, trailing)).version).toBe(3);
    await channel.alive();
  });

  it('takes INIT and the first requests in one write', async () => {
    const channel = await target.rawChannel();
    const { id, bytes } = channel.encode(lstat('/'));
    const init = channel.init();
    channel.sendBytes(bytes);
    expect((await init).version).toBe(3);
    expect((await channel.replyTo(id)).kind).toBe('ATTRS');
  });

  itOfOurs('ends the channel at a request before INIT', async () => {
    const channel = await target.rawChannel();
    expect(await channel.outcome(lstat('/'))).toBe('CHANNEL ENDED');
    expect(await channel.ended()).not.toBe(0);
    await (await target.channel()).alive();
  });

  itOfOurs('ends the channel at a second INIT, as no answer to it is defined', async () => {
    const channel = await target.channel();
    channel.sendPacket(new ByteWriter().u8(FXP.INIT).u32(3).done());
    expect(await channel.ended()).not.toBe(0);
    await (await target.channel()).alive();
  });

  it.each([0, 1, 2, 3])('does not answer an INIT with %i bytes of version', async (length) => {
    const channel = await target.rawChannel();
    channel.sendBytes(frame(Buffer.concat([Buffer.of(FXP.INIT), Buffer.alloc(length)])));
    expect(await channel.ended()).not.toBe(0);
  });
});
