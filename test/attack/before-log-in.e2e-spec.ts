import { describe, expect, it } from '@jest/globals';

import { RawSsh } from '../support/attack/raw-ssh.js';
import { kexinit, message, MSG } from '../support/attack/ssh-messages.js';
import { plainPacket } from '../support/attack/packet-seal.js';
import { useServerUnderAttack } from '../support/attack/under-attack.js';
import { random } from '../support/raw-random.js';

const IDENT = Buffer.from('SSH-2.0-attacker\r\n');
const noise = random(5);

function after(ident: Buffer, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([ident, ...parts]);
}

function lengthOnly(length: number, rest = 64): Buffer {
  const bytes = Buffer.alloc(4 + rest, 1);
  bytes.writeUInt32BE(length);
  return bytes;
}

const PACKET = plainPacket(kexinit());
const BAD_PADDING = Buffer.from(PACKET).fill(255, 4, 5);
const NO_PADDING = Buffer.from(PACKET).fill(0, 4, 5);

/** What is said before keys are there, and what comes of it. */
const GARBAGE: readonly (readonly [string, Buffer])[] = [
  ['random bytes', noise.bytes(50_000)],
  ['random bytes behind an identification', after(IDENT, noise.bytes(50_000))],
  ['an identification of 1 MB without an end', Buffer.alloc(1_000_000, 'SSH-2.0-x')],
  ['a thousand lines before the identification', Buffer.alloc(100_000, 'hello\r\n')],
  ['a packet of 4 GiB', after(IDENT, lengthOnly(0xffffffff))],
  ['a packet of 2 GiB', after(IDENT, lengthOnly(0x7fffffff))],
  ['a packet just above the limit', after(IDENT, lengthOnly(35_004))],
  ['a packet of length 0', after(IDENT, lengthOnly(0))],
  ['a thousand packets of length 0', after(IDENT, Buffer.alloc(4_000))],
  ['a packet without a payload', after(IDENT, lengthOnly(12, 12))],
  ['more padding than there is packet', after(IDENT, BAD_PADDING)],
  ['KEXINIT without padding', after(IDENT, NO_PADDING)],
  ['a cut KEXINIT', after(IDENT, plainPacket(kexinit().subarray(0, 60)))],
  [
    'KEXINIT with a list longer than it',
    after(IDENT, plainPacket(Buffer.concat([kexinit().subarray(0, 17), lengthOnly(0x10000000)]))),
  ],
  ['KEXINIT with nothing in common', after(IDENT, plainPacket(kexinit({ kex: 'none' })))],
  [
    'KEXINIT with a list of 30,000 bytes',
    after(IDENT, plainPacket(kexinit({ kex: 'x'.repeat(30_000) }))),
  ],
  [
    'KEXINIT with 15,000 names',
    after(IDENT, plainPacket(kexinit({ cipher: Array(7_500).fill('x').join(',') }))),
  ],
  [
    'a log-in without a key exchange',
    after(IDENT, plainPacket(message(MSG.SERVICE_REQUEST, (b) => b.string('ssh-userauth')))),
  ],
  [
    'channel data without a key exchange',
    after(IDENT, plainPacket(message(MSG.CHANNEL_DATA, (b) => b.u32(0).string('x')))),
  ],
  ['NEWKEYS without a key exchange', after(IDENT, PACKET, plainPacket(message(MSG.NEWKEYS)))],
  [
    'a public key of length 0',
    after(IDENT, PACKET, plainPacket(message(MSG.KEX_ECDH_INIT, (b) => b.string('')))),
  ],
  [
    'a public key of zeros',
    after(
      IDENT,
      PACKET,
      plainPacket(message(MSG.KEX_ECDH_INIT, (b) => b.string(Buffer.alloc(32)))),
    ),
  ],
  [
    'a public key of 30,000 bytes',
    after(
      IDENT,
      PACKET,
      plainPacket(message(MSG.KEX_ECDH_INIT, (b) => b.string(Buffer.alloc(30_000, 9)))),
    ),
  ],
  ['a second KEXINIT in the first key exchange', after(IDENT, PACKET, PACKET)],
];

describe('before anybody has logged in', () => {
  const attacked = useServerUnderAttack({
    options: {
      loginTimeout: 1_500,
      maxSessionsPerAddress: 600,
      maxPendingLogins: 600,
      lockout: false,
    },
  });

  it.each(GARBAGE)('%s', async (_what, bytes) => {
    await attacked.survives(async () => {
      const attackers = await Promise.all(
        Array.from({ length: 5 }, () => RawSsh.dial(attacked.port)),
      );
      await Promise.all(attackers.map((each) => each.write(bytes)));
      await Promise.all(attackers.map((each) => each.cut('an attacker')));
    });
    expect(attacked.server.alive).toBe(true);
  });

  it('one line of the usual level tells of garbage', async () => {
    await attacked.survives(
      async () => {
        const attacker = await RawSsh.dial(attacked.port);
        await attacker.write(after(IDENT, lengthOnly(0xffffffff)));
        await attacker.cut('an attacker');
      },
      { says: /Bad packet length/ },
    );
  });
});
