import { describe, expect, it } from '@jest/globals';

import { RawSsh } from '../support/attack/raw-ssh.js';
import { logIn, openSession, openSftp, subsystemRequest } from '../support/attack/raw-session.js';
import {
  channelData,
  channelOpen,
  channelRequest,
  message,
  MSG,
} from '../support/attack/ssh-messages.js';
import { useServerUnderAttack } from '../support/attack/under-attack.js';
import { frame, FXP } from '../support/raw-wire.js';

const INIT = frame(Buffer.of(FXP.INIT, 0, 0, 0, 3));

/** Numbers of channels that nobody has opened; some are beyond all that ssh2 would give. */
const UNKNOWN = [0, 1, 2 ** 20, 2 ** 31, 2 ** 32 - 1];

/** Every message of the connection protocol to a channel (RFC 4254), with numbers that were never given. */
function channelMessages(peer: number): Buffer[] {
  return [
    channelData(peer, INIT),
    message(MSG.CHANNEL_EXTENDED_DATA, (b) => b.u32(peer).u32(1).string('x')),
    message(MSG.CHANNEL_WINDOW_ADJUST, (b) => b.u32(peer).u32(0xffffffff)),
    subsystemRequest(peer),
    channelRequest(peer, 'exec', true, (b) => b.string('id')),
    channelRequest(peer, 'shell', true),
    message(MSG.CHANNEL_SUCCESS, (b) => b.u32(peer)),
    message(MSG.CHANNEL_FAILURE, (b) => b.u32(peer)),
    message(MSG.CHANNEL_OPEN_CONFIRMATION, (b) => b.u32(peer).u32(0).u32(1).u32(1)),
    message(MSG.CHANNEL_OPEN_FAILURE, (b) => b.u32(peer).u32(1).string('').string('')),
    message(MSG.CHANNEL_EOF, (b) => b.u32(peer)),
    message(MSG.CHANNEL_CLOSE, (b) => b.u32(peer)),
  ];
}

describe('channels', () => {
  const attacked = useServerUnderAttack();
  const loggedIn = (): Promise<RawSsh> => logIn(attacked.port);

  /** Asks for many channels on one connection, and counts what is opened. */
  async function askForChannels(count: number): Promise<void> {
    const client = await loggedIn();
    await client.send(...Array.from({ length: count }, (_, own) => channelOpen(own)));
    let opened = 0;
    for (let n = 0; n < count; n++) {
      const answer = await client.next(MSG.CHANNEL_OPEN_CONFIRMATION, MSG.CHANNEL_OPEN_FAILURE);
      if (answer[0] === MSG.CHANNEL_OPEN_CONFIRMATION) opened++;
    }
    expect(opened).toBe(10);
    await client.drop();
  }

  it('messages to channels before the log-in reach nobody', async () => {
    await attacked.survives(async () => {
      for (const peer of UNKNOWN) {
        const client = await RawSsh.connect(attacked.port);
        await client.send(...channelMessages(peer));
        await client.drop();
      }
      const client = await RawSsh.connect(attacked.port);
      await client.send(channelOpen(0));
      await client.cut('a client that opens a channel before its log-in');
    });
  });

  it('messages to channels that were never opened reach nobody', async () => {
    await attacked.survives(async () => {
      for (const peer of UNKNOWN) {
        const client = await loggedIn();
        await client.send(...channelMessages(peer));
        await client.drop();
      }
      const client = await loggedIn();
      await client.send(...channelMessages(0));
      await openSftp(client);
      await client.drop();
    });
  });

  it.each([0, 1, 1023])('a channel that takes packets of %d bytes is refused', async (packet) => {
    await attacked.survives(
      async () => {
        const client = await loggedIn();
        const peer = await openSession(client, { packet });
        await client.send(subsystemRequest(peer), channelData(peer, INIT));
        await client.next(MSG.CHANNEL_SUCCESS);
        await client.next(MSG.CHANNEL_CLOSE);
        await client.drop();
      },
      { says: /packets that are too small/, lines: 10 },
    );
  });

  it('the subsystem is asked for twice on one channel', async () => {
    await attacked.survives(async () => {
      const client = await loggedIn();
      const peer = await openSftp(client);
      await client.send(subsystemRequest(peer), subsystemRequest(peer, false));
      await client.send(channelData(peer, INIT));
      await client.next(MSG.CHANNEL_DATA, MSG.CHANNEL_FAILURE);
      await client.drop();
    });
  });

  it('the subsystem is asked for after EOF', async () => {
    await attacked.survives(async () => {
      const client = await loggedIn();
      const peer = await openSession(client);
      await client.send(
        message(MSG.CHANNEL_EOF, (b) => b.u32(peer)),
        subsystemRequest(peer),
        subsystemRequest(peer, false),
        subsystemRequest(peer, false, 'x'),
      );
      await client.next(MSG.CHANNEL_CLOSE);
      await openSftp(client, { own: 1 });
      await client.drop();
    });
  });

  it('a thousand channels are asked for at once: ten are opened, and a few lines tell of it', async () => {
    await attacked.survives(() => askForChannels(1000), { lines: 20, says: /maxChannels/ });
  });

  it('sessions without a subsystem are opened and closed by the hundred', async () => {
    await attacked.survives(async () => {
      const client = await loggedIn();
      for (let n = 0; n < 300; n++) {
        const peer = await openSession(client, { own: n });
        await client.send(
          channelRequest(peer, 'shell', true),
          message(MSG.CHANNEL_CLOSE, (b) => b.u32(peer)),
        );
        await client.next(MSG.CHANNEL_FAILURE);
        await client.next(MSG.CHANNEL_CLOSE);
      }
      await client.drop();
    });
  });

  it('requests that nobody serves come by the ten thousand, of all kinds', async () => {
    await attacked.survives(async () => {
      const client = await loggedIn();
      const peer = await openSession(client);
      const kinds = ['env', 'pty-req', 'window-change', 'x11-req', 'signal', 'shell', 'exec'];
      for (const type of [
        ...kinds,
        'auth-agent-req@openssh.com',
        'x'.repeat(1000),
        '',
        '\n\u001b[2J',
      ]) {
        const request = channelRequest(peer, type, true, (b) =>
          b.string('a').string('b').u32(1).u32(1).u32(1).u32(1).string('').string(''),
        );
        await client.send(...Array<Buffer>(1000).fill(request));
        if (client.ended) return;
      }
      client.discard();
      await client.drop();
    });
  });

  it('other kinds of channels are refused', async () => {
    await attacked.survives(async () => {
      const client = await loggedIn();
      for (const type of [
        'direct-tcpip',
        'x11',
        'forwarded-tcpip',
        'auth-agent@openssh.com',
        '',
        '\n',
      ]) {
        const open = channelOpen(0, 2 ** 21, 32_768, type);
        await client.send(Buffer.concat([open, message(0).subarray(1), Buffer.alloc(64)]));
        expect((await client.next(MSG.CHANNEL_OPEN_FAILURE)).readUInt8()).toBe(92);
      }
      await client.drop();
    });
  });
});
