import { generateKeyPairSync, sign } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import ssh2, { type ParsedKey } from 'ssh2';

import { logIn, openSession, requestService } from '../support/attack/raw-session.js';
import { RawSsh } from '../support/attack/raw-ssh.js';
import {
  channelOpen,
  channelRequest,
  message,
  MSG,
  passwordRequest,
  userauth,
} from '../support/attack/ssh-messages.js';
import { useServerUnderAttack } from '../support/attack/under-attack.js';
import { ByteWriter } from '../support/raw-wire.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const KEY = new ByteWriter()
  .string('ssh-ed25519')
  .string(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))
  .done();
const AUTHORIZED = `ssh-ed25519 ${KEY.toString('base64')}`;

/** A public-key request without its signature (RFC 4252, section 7). */
function keyRequest(
  username: string,
  signed: boolean,
  algorithm = 'ssh-ed25519',
  key = KEY,
): Buffer {
  return userauth(username, 'publickey', (b) =>
    b
      .u8(signed ? 1 : 0)
      .string(algorithm)
      .string(key),
  );
}

/** The same with a signature for a session. */
function signedRequest(username: string, sessionId: Buffer): Buffer {
  const request = keyRequest(username, true);
  const signed = new ByteWriter().string(sessionId).bytes(request).done();
  const signature = new ByteWriter().string('ssh-ed25519').string(sign(null, signed, privateKey));
  return new ByteWriter().bytes(request).string(signature.done()).done();
}

const NAMES: readonly (readonly [string, string | Buffer])[] = [
  ['a new line', 'root\n[Nest] 1 - 01/01/2026 LOG [SftpServer] "root" logged in by password'],
  ['a carriage return', 'root\r"admin" logged in'],
  ['terminal escapes', '\u001b[2J\u001b]0;owned\u0007\u001b[31m'],
  ['NUL', 'dev\u0000'],
  ['..', '../../etc'],
  ['no character', ''],
  ['a byte that is no UTF-8', Buffer.from([0x64, 0xff, 0xc0, 0xaf])],
  ['30,000 characters', 'n'.repeat(30_000)],
];

/** What JSON leaves as it is, and a terminal or a reader does not. */
const DECEIVING: readonly (readonly [string, string])[] = [
  ['C1 controls', 'x\u009b2Jy\u0085z'],
  ['DEL', 'dev\u007f\u007f\u007froot'],
  ['text from right to left', 'dev\u202Etoor\u202C\u2066x\u2069'],
];

describe('logging in', () => {
  const attacked = useServerUnderAttack({
    options: { maxSessionsPerAddress: 300, lockout: false },
    users: [
      { username: 'dev', password: 'dev', authorizedKeys: [AUTHORIZED] },
      { username: 'other', password: 'other' },
    ],
  });

  async function ready(): Promise<RawSsh> {
    const client = await RawSsh.connect(attacked.port);
    await requestService(client);
    return client;
  }

  async function refused(client: RawSsh, ...payloads: readonly Buffer[]): Promise<void> {
    await client.send(...payloads);
    const answer = await client.next(MSG.USERAUTH_FAILURE, MSG.USERAUTH_SUCCESS, MSG.DISCONNECT);
    expect(answer[0]).not.toBe(MSG.USERAUTH_SUCCESS);
  }

  /** Whether the server takes its user for logged in. */
  async function mayOpenChannels(client: RawSsh): Promise<boolean> {
    await client.send(channelOpen(0));
    const answer = await client.next(
      MSG.CHANNEL_OPEN_CONFIRMATION,
      MSG.CHANNEL_OPEN_FAILURE,
      MSG.DISCONNECT,
    );
    return answer[0] === MSG.CHANNEL_OPEN_CONFIRMATION;
  }

  async function tryNames(name: string | Buffer): Promise<void> {
    for (const request of [passwordRequest(name, 'dev'), userauth(name, 'none')]) {
      const client = await ready();
      await refused(client, request);
      await client.drop();
    }
  }

  it.each(NAMES)('a user name with %s', async (_what, name) => {
    const lines = await attacked.survives(() => tryNames(name), {
      lines: 30,
      says: /was refused by password/,
    });
    for (const { text } of lines) expect(text.length).toBeLessThan(2_000);
    expect(lines.map(({ text }) => text)).not.toContainEqual(
      expect.stringMatching(/^"?root"? logged in/),
    );
  });

  it.each(DECEIVING)('a user name with %s', async (_what, name) => {
    await attacked.survives(() => tryNames(name), { lines: 30 });
  });

  it('a user name of 64 KiB', async () => {
    await attacked.survives(async () => {
      const client = await ready();
      await client.send(passwordRequest('n'.repeat(65_536), 'dev'));
      await client.cut('a connection with a packet that is too large');
    });
  });

  it.each([
    ['method', userauth('dev', 'x\n\u001b[2J')],
    ['method of 30,000 characters', userauth('dev', 'x'.repeat(30_000))],
    [
      'hostbased log-in',
      userauth('dev', 'hostbased', (b) =>
        b.string('x\n').string(KEY).string('h\n').string('u\n').string('s'),
      ),
    ],
    ['cut password', userauth('dev', 'password', (b) => b.u8(0).u32(0xffffffff))],
    [
      'change of the password',
      userauth('dev', 'password', (b) => b.u8(1).string('dev').string('new')),
    ],
    [
      'service',
      message(MSG.USERAUTH_REQUEST, (b) => b.string('dev').string('ssh-\n').string('none')),
    ],
    ['key of no bytes', keyRequest('dev', false, 'ssh-ed25519', Buffer.alloc(0))],
    ['key of random bytes', keyRequest('dev', false, 'ssh-ed25519', Buffer.alloc(3000, 0xa5))],
    [
      'key with a length beyond it',
      keyRequest('dev', false, 'ssh-ed25519', Buffer.alloc(40, 0xff)),
    ],
  ])('a strange %s', async (_what, payload) => {
    await attacked.survives(
      async () => {
        const client = await ready();
        await client.send(payload);
        const answer = await client
          .next(MSG.USERAUTH_FAILURE, MSG.USERAUTH_SUCCESS, MSG.DISCONNECT)
          .catch(() => undefined);
        expect(answer?.[0]).not.toBe(MSG.USERAUTH_SUCCESS);
        await client.drop();
      },
      { lines: 20 },
    );
  });

  it('an algorithm of a key whose name writes into the log', async () => {
    await attacked.survives(
      async () => {
        const client = await ready();
        await refused(client, keyRequest('dev', false, 'x\n[Nest] 1 "root" logged in\u001b[2J'));
        await client.drop();
      },
      { lines: 20 },
    );
  });

  it('a signature of one session does not open another one', async () => {
    await attacked.survives(
      async () => {
        const first = await ready();
        const captured = signedRequest('dev', first.sessionId);
        await first.send(captured);
        await first.next(MSG.USERAUTH_SUCCESS);
        const second = await ready();
        await refused(second, captured);
        expect(await mayOpenChannels(second)).toBe(false);
        await Promise.all([first.drop(), second.drop()]);
      },
      { says: /the signature is not valid/ },
    );
  });

  it('a signature for one user does not open the account of another one', async () => {
    await attacked.survives(async () => {
      const client = await ready();
      const captured = signedRequest('other', client.sessionId);
      const forged = new ByteWriter()
        .bytes(keyRequest('dev', true))
        .bytes(captured.subarray(keyRequest('other', true).length))
        .done();
      await refused(client, forged);
      await client.drop();
    });
  });

  it('what one user has begun is not finished by another one', async () => {
    await attacked.survives(async () => {
      for (const requests of [
        [keyRequest('dev', false), keyRequest('other', false), userauth('other', 'none')],
        [passwordRequest('dev', 'x'), passwordRequest('other', 'dev')],
        [passwordRequest('other', 'x'), keyRequest('dev', false), passwordRequest('other', 'dev')],
      ]) {
        const client = await ready();
        await client.send(...requests);
        await expect(client.next(MSG.USERAUTH_SUCCESS)).rejects.toThrow();
        await client.drop();
      }
    });
  });

  it('a query for a key opens nothing', async () => {
    await attacked.survives(async () => {
      const client = await ready();
      await client.send(keyRequest('dev', false));
      await client.next(MSG.USERAUTH_PK_OK);
      expect(await mayOpenChannels(client)).toBe(false);
      await client.drop();
    });
    expect(attacked.server.output).not.toMatch(/logged in by publickey$/m);
  });

  it('queries by the thousand', async () => {
    await attacked.survives(
      async () => {
        const client = await ready();
        for (let n = 0; n < 20; n++) {
          await client.send(...Array<Buffer>(5).fill(keyRequest('dev', false)));
          await client.next(MSG.USERAUTH_PK_OK);
        }
        client.discard();
        await client.drop();
      },
      { lines: 30 },
    );
  });

  it.each([
    ['of the next protocol', ['ssh-connection']],
    ['twice', ['ssh-userauth', 'ssh-userauth']],
    ['of no name', ['']],
    ['of a name that writes into the log', ['x\n\u001b[2J']],
    ['of a name of 30,000 characters', ['x'.repeat(30_000)]],
  ])('a service %s', async (_what, names) => {
    await attacked.survives(
      async () => {
        const client = await RawSsh.connect(attacked.port);
        await client.send(
          ...names.map((name) => message(MSG.SERVICE_REQUEST, (b) => b.string(name))),
        );
        await client.send(channelOpen(0), channelRequest(0, 'shell', true));
        await client.cut('a connection that asks for a strange service');
      },
      { lines: 20 },
    );
  });

  it('the server does not believe a client that says it is logged in', async () => {
    await attacked.survives(async () => {
      for (const said of [MSG.USERAUTH_SUCCESS, MSG.USERAUTH_FAILURE, MSG.USERAUTH_PK_OK]) {
        const client = await ready();
        // the log-in that is under way loses its place in ssh2's queue
        await client.send(passwordRequest('dev', 'x'), message(said), message(said));
        await client.send(channelOpen(0));
        const answers = client.next(MSG.CHANNEL_OPEN_CONFIRMATION);
        await expect(answers).rejects.toThrow();
        await client.drop();
      }
    });
  });

  it('a second log-in of one that is logged in', async () => {
    await attacked.survives(async () => {
      const client = await logIn(attacked.port);
      await openSession(client);
      // RFC 4252, section 5.1: it is ignored
      await client.send(passwordRequest('other', 'other'));
      await openSession(client, { own: 1 });
      await client.drop();
    });
  });

  it('signatures that are none are refused, also where verify() gives an Error', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
      format: 'jwk',
    });
    const part = (text = ''): Buffer =>
      Buffer.concat([Buffer.of(0), Buffer.from(text, 'base64url')]);
    const rsaKey = new ByteWriter()
      .string('ssh-rsa')
      .string(Buffer.from(rsa.e ?? '', 'base64url'))
      .string(part(rsa.n))
      .done();
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
      format: 'jwk',
    });
    const point = Buffer.concat([
      Buffer.of(4),
      Buffer.from(ec.x ?? '', 'base64url'),
      Buffer.from(ec.y ?? '', 'base64url'),
    ]);
    const ecKey = new ByteWriter()
      .string('ecdsa-sha2-nistp256')
      .string('nistp256')
      .string(point)
      .done();
    const offCurve = new ByteWriter()
      .string('ecdsa-sha2-nistp256')
      .string('nistp256')
      .string(Buffer.alloc(65, 4))
      .done();
    const shortKey = new ByteWriter().string('ssh-ed25519').string(Buffer.alloc(3)).done();
    const cases: readonly (readonly [string, Buffer])[] = [
      ['ssh-ed25519', KEY],
      ['ssh-ed25519', shortKey],
      ['rsa-sha2-256', rsaKey],
      ['ssh-rsa', rsaKey],
      ['ecdsa-sha2-nistp256', ecKey],
      ['ecdsa-sha2-nistp256', offCurve],
    ];
    const signatures = [Buffer.alloc(0), Buffer.of(1), Buffer.alloc(64), Buffer.alloc(300, 0xff)];
    // the trap is real: for a key that OpenSSL cannot read, what comes back is an Error, and truthy
    const parsed = ssh2.utils.parseKey(offCurve) as ParsedKey;
    expect(String(parsed.verify(Buffer.alloc(9), Buffer.alloc(9)))).toMatch(/Error/);
    await attacked.survives(async () => {
      for (const [algorithm, key] of cases) {
        for (const bytes of signatures) {
          const client = await ready();
          const wrapped = new ByteWriter().string(algorithm).string(bytes).done();
          const request = keyRequest('dev', true, algorithm, key);
          await client.send(new ByteWriter().bytes(request).string(wrapped).done());
          const answer = await client
            .next(MSG.USERAUTH_FAILURE, MSG.USERAUTH_SUCCESS, MSG.DISCONNECT)
            .catch(() => undefined);
          expect(answer?.[0]).not.toBe(MSG.USERAUTH_SUCCESS);
          await client.drop();
        }
      }
    });
  });

  it('2^25 answers to a question that was never asked', async () => {
    await attacked.survives(
      async () => {
        for (const method of ['none', 'keyboard-interactive']) {
          const client = await ready();
          const begin = method === 'none' ? userauth('dev', 'none') : interactive();
          await client.send(begin, manyAnswers(2 ** 25), begin, manyAnswers(2 ** 32 - 1));
          await client.next(MSG.USERAUTH_FAILURE);
          await client.drop();
        }
      },
      { peak: 64 * 2 ** 20, says: /was refused by/ },
    );
  });
});

function interactive(): Buffer {
  return userauth('dev', 'keyboard-interactive', (b) => b.string('').string(''));
}

function manyAnswers(count: number): Buffer {
  return message(MSG.USERAUTH_INFO_RESPONSE, (b) => b.u32(count).string(''));
}

describe('a server that asks for codes', () => {
  const attacked = useServerUnderAttack({ interactive: true, options: { lockout: false } });

  it.each([2 ** 25, 2 ** 32 - 1])('%d answers', async (count) => {
    await attacked.survives(
      async () => {
        for (let n = 0; n < 8; n++) {
          const client = await RawSsh.connect(attacked.port);
          await requestService(client);
          await client.send(interactive());
          expect((await client.next(MSG.USERAUTH_INFO_REQUEST, MSG.USERAUTH_FAILURE))[0]).toBe(60);
          await client.send(manyAnswers(count));
          await expect(client.next(MSG.USERAUTH_SUCCESS)).rejects.toThrow();
          await client.drop();
        }
      },
      { peak: 64 * 2 ** 20, says: /was refused by keyboard-interactive/ },
    );
  });
});
