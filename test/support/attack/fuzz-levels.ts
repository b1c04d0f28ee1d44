import { anyRequest, mutate } from '../raw-mutation.js';
import type { Random } from '../raw-random.js';
import { ByteWriter, frame } from '../raw-wire.js';
import { logIn, openSession, openSftp, requestService, subsystemRequest } from './raw-session.js';
import { INIT, sftpPacket } from './raw-sftp.js';
import { RawSsh } from './raw-ssh.js';
import { plainPacket } from './packet-seal.js';
import {
  channelData,
  channelOpen,
  channelRequest,
  globalRequest,
  kexinit,
  message,
  MSG,
  passwordRequest,
  userauth,
} from './ssh-messages.js';

/** Says what a client may say at one level of the protocol, changed at random. @returns the client, to be dropped */
export type FuzzLevel = (port: number, rng: Random) => Promise<RawSsh>;

const PUBLIC_KEY = Buffer.alloc(32, 9);
const KEY = new ByteWriter().string('ssh-ed25519').string(PUBLIC_KEY).done();

/** Before there are keys: all bytes may be changed, those of the framing, too. */
const transport: FuzzLevel = async (port, rng) => {
  const client = await RawSsh.dial(port);
  const parts = [
    Buffer.from('SSH-2.0-fuzzer comment\r\n'),
    plainPacket(kexinit()),
    plainPacket(message(MSG.KEX_ECDH_INIT, (b) => b.string(PUBLIC_KEY))),
    plainPacket(message(MSG.NEWKEYS)),
    plainPacket(message(MSG.SERVICE_REQUEST, (b) => b.string('ssh-userauth'))),
  ];
  const changed = rng.below(parts.length);
  parts.forEach((part, n) => {
    // the packets in front must be good, or what is behind them is never read
    void client.write(n === changed ? mutatePayload(rng, part) : part);
  });
  return client;
};

/** A log-in. */
const authentication: FuzzLevel = async (port, rng) => {
  const client = await RawSsh.connect(port);
  if (rng.below(4) > 0) await requestService(client);
  const signature = new ByteWriter().string('ssh-ed25519').string(rng.bytes(64)).done();
  const messages = [
    message(MSG.SERVICE_REQUEST, (b) => b.string('ssh-userauth')),
    userauth('dev', 'none'),
    passwordRequest('dev', 'wrong'),
    userauth('dev', 'password', (b) => b.u8(1).string('dev').string('new')),
    userauth('dev', 'publickey', (b) => b.u8(0).string('ssh-ed25519').string(KEY)),
    userauth('dev', 'publickey', (b) =>
      b.u8(1).string('ssh-ed25519').string(KEY).string(signature),
    ),
    userauth('dev', 'keyboard-interactive', (b) => b.string('').string('')),
    userauth('dev', 'hostbased', (b) =>
      b.string('ssh-ed25519').string(KEY).string('host').string('user').string(signature),
    ),
    message(MSG.USERAUTH_INFO_RESPONSE, (b) => b.u32(1).string('123456')),
    message(MSG.EXT_INFO, (b) => b.u32(1).string('server-sig-algs').string('ssh-ed25519')),
    ...anyMessages(rng),
  ];
  await say(client, rng, messages, 8);
  return client;
};

/** Channels of somebody who has logged in. */
const connection: FuzzLevel = async (port, rng) => {
  const client = await logIn(port);
  const peer = await openSession(client, { own: rng.below(3) });
  const number = (): number => rng.pick([peer, peer, peer, 0, 1, 2 ** 32 - 1]);
  const messages = [
    channelOpen(rng.below(5), rng.pick([0, 2 ** 21, 2 ** 32 - 1]), rng.pick([0, 1, 32_768])),
    channelOpen(7, 1, 32_768, rng.pick(['direct-tcpip', 'x11', ''])),
    subsystemRequest(number(), rng.below(2) === 0, rng.pick(['sftp', 'sftp', 'x'])),
    channelRequest(number(), 'exec', true, (b) => b.string('id')),
    channelRequest(number(), 'env', true, (b) => b.string('a').string('b')),
    channelRequest(number(), 'pty-req', true, (b) =>
      b
        .string('xterm')
        .u32(80)
        .u32(24)
        .u32(0)
        .u32(0)
        .string(Buffer.of(1, 0, 0, 0, 1, 0)),
    ),
    channelRequest(number(), 'signal', false, (b) => b.string('KILL')),
    channelData(number(), rng.pick([INIT, rng.bytes(40), Buffer.alloc(0)])),
    message(MSG.CHANNEL_EXTENDED_DATA, (b) => b.u32(number()).u32(1).string('x')),
    message(MSG.CHANNEL_WINDOW_ADJUST, (b) => b.u32(number()).u32(rng.pick([0, 1, 2 ** 32 - 1]))),
    message(MSG.CHANNEL_EOF, (b) => b.u32(number())),
    message(MSG.CHANNEL_CLOSE, (b) => b.u32(number())),
    ...anyMessages(rng),
  ];
  await say(client, rng, messages, 15);
  return client;
};

/** Requests of a session, in pieces that do not keep to the borders of packets. */
const sftp: FuzzLevel = async (port, rng) => {
  const client = await logIn(port);
  const peer = await openSftp(client, { window: rng.pick([0, 1000, 2 ** 21]) });
  const scope = { dir: '/fuzzed', handles: [Buffer.alloc(4), Buffer.of(0, 0, 0, 1)] };
  const packets = Array.from({ length: 40 }, (_, id) =>
    mutate(rng, sftpPacket(anyRequest(rng, scope), id)),
  );
  const bytes = Buffer.concat([INIT, ...packets]);
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + rng.below(2_000);
    await client.send(channelData(peer, bytes.subarray(at, end)));
    at = end;
  }
  return client;
};

/** The levels by their names. */
export const FUZZ_LEVELS: Readonly<Record<string, FuzzLevel>> = {
  transport,
  authentication,
  connection,
  sftp,
};

/** What may come at any time once there are keys. */
function anyMessages(rng: Random): Buffer[] {
  return [
    globalRequest(rng.pick(['tcpip-forward', 'no-more-sessions@openssh.com', 'x']), true),
    message(MSG.IGNORE, (b) => b.string(rng.bytes(20))),
    message(MSG.DEBUG, (b) => b.u8(1).string('x').string('')),
    message(MSG.UNIMPLEMENTED, (b) => b.u32(3)),
    message(rng.below(256), (b) => b.bytes(rng.bytes(rng.below(60)))),
    ...(rng.below(6) === 0 ? [kexinit()] : []),
  ];
}

/** Sends some of the messages, changed or not, and at times a packet whose seal is broken. */
async function say(
  client: RawSsh,
  rng: Random,
  messages: readonly Buffer[],
  count: number,
): Promise<void> {
  for (let n = 0; n < count && !client.ended; n++) {
    const sealed = client.seal(mutatePayload(rng, rng.pick(messages)));
    if (rng.below(60) === 0) sealed[rng.below(sealed.length)] = rng.below(256);
    await client.write(sealed);
  }
}

function mutatePayload(rng: Random, payload: Buffer): Buffer {
  return mutate(rng, frame(payload)).subarray(4);
}
