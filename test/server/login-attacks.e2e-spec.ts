import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  AuthenticationFailedEvent,
  AuthenticationResult,
  ConnectionRefusedEvent,
  KeyboardInteractiveDialogue,
  SftpAuthenticator,
  SftpPublicKey,
} from 'nestjs-sftpd';
import { PartialSuccess } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import ssh2, { type ParsedKey } from 'ssh2';

import { ed25519KeyPair } from '../support/key-pair.js';
import { type RawServer, startRawServer } from '../support/raw-server.js';
import { serveOne } from './support/log-in.js';
import {
  answers,
  authRequest,
  dialogueRequest,
  passwordRequest,
  sshString,
  uint32,
  USERAUTH,
  UserauthPeer,
} from './support/userauth-peer.js';
import { Gate } from './support/watched-backend.js';

const ALL = 'publickey,password,keyboard-interactive';
const HANG_UP = 'disconnect 11';

const KEY = parseKey(ed25519KeyPair().private);

function parseKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** Notes what it is asked, and answers as it is told; `dev` comes in by the password `dev`. */
class Scripted implements SftpAuthenticator {
  readonly asked: string[] = [];
  readonly dialogues: Promise<unknown>[] = [];
  password: (
    username: string,
    password: string,
  ) => AuthenticationResult | Promise<AuthenticationResult> = () => false;
  key: (username: string) => AuthenticationResult = () => false;
  dialogue: (dialogue: KeyboardInteractiveDialogue) => Promise<AuthenticationResult> = async (
    dialogue,
  ) => {
    const [code] = await dialogue.ask({ prompts: [{ prompt: 'Code: ' }] });
    return code === '123456';
  };

  authenticatePassword(username: string, password: string): ReturnType<Scripted['password']> {
    if (username === 'dev' && password === 'dev') return true;
    this.asked.push(`${username} password ${password}`);
    return this.password(username, password);
  }

  authorizePublicKey(username: string, key: SftpPublicKey): AuthenticationResult {
    this.asked.push(`${username} key ${key.type}`);
    return this.key(username);
  }

  keyboardInteractive(
    username: string,
    dialogue: KeyboardInteractiveDialogue,
  ): ReturnType<Scripted['dialogue']> {
    this.asked.push(`${username} dialogue`);
    const result = this.dialogue(dialogue);
    this.dialogues.push(result.catch((error: unknown) => error));
    return result;
  }
}

/** A request by public key; without `sign` only the question whether the key will do. */
function keyRequest(
  username: string,
  key: ParsedKey,
  sign?: (unsigned: Buffer) => Buffer,
  algorithm: string = key.type,
): Buffer {
  const unsigned = authRequest(username, 'publickey', [
    Buffer.of(sign ? 1 : 0),
    sshString(algorithm),
    sshString(key.getPublicSSH()),
  ]);
  return sign ? Buffer.concat([unsigned, sshString(sign(unsigned))]) : unsigned;
}

/** Signs for a session, with the key's own kind of signature. */
function signer(key: ParsedKey, sessionId: Buffer): (unsigned: Buffer) => Buffer {
  return (unsigned) => {
    const signature = key.sign(Buffer.concat([sshString(sessionId), unsigned]));
    if (signature instanceof Error) throw signature;
    return Buffer.concat([sshString(key.type), sshString(signature)]);
  };
}

let server: RawServer;
let auth: Scripted;
let failed: AuthenticationFailedEvent[];
let refused: ConnectionRefusedEvent[];

beforeEach(async () => {
  auth = new Scripted();
  server = await startRawServer({
    backend: new MemoryBackend(),
    options: { auth, maxAuthAttempts: 3 },
  });
  failed = [];
  refused = [];
  server.events.on('auth.failed', (event) => failed.push(event));
  server.events.on('connection.refused', (event) => refused.push(event));
});

afterEach(async () => {
  await serveOne(server.port);
  await server.stop();
  expect(
    server.log.filter(({ level, text }) => level === 'error' && !/authenticator/i.test(text)),
  ).toEqual([]);
});

const connect = (): Promise<UserauthPeer> => UserauthPeer.connect(server.port);
const reasons = (): string[] => refused.map(({ reason }) => reason);
const warnings = (): string[] =>
  server.log.filter(({ level }) => level === 'warn').map(({ text }) => text);

describe('one request after the other', () => {
  it('those that come together are answered in their order', async () => {
    const gate = new Gate();
    auth.password = async () => {
      await gate.pass();
      return false;
    };
    const peer = await connect();
    peer.send(
      passwordRequest('ann', 'wrong'),
      keyRequest('ann', KEY),
      authRequest('ann', 'none'),
      dialogueRequest('ann'),
    );
    await gate.reached('the authenticator to be asked');
    expect(auth.asked).toEqual(['ann password wrong']);
    gate.open();
    expect(await peer.next()).toBe(`failure ${ALL}`);
    expect(await peer.next()).toMatch(/^60 0000000b7373682d65643235353139/);
    expect(await peer.next()).toBe(`failure ${ALL}`);
    expect(await peer.next()).toMatch(/^60 .*436f64653a20/);
    peer.send(answers('123456'));
    expect(await peer.next()).toBe('success');
    await peer.leave();
  });

  it('100,000 while the authenticator hangs end the connection, and are not kept', async () => {
    const gate = new Gate();
    auth.password = async () => {
      await gate.pass();
      return true;
    };
    const peer = await connect();
    peer.send(passwordRequest('ann', 'first'));
    await gate.reached('the authenticator to be asked');
    const request = passwordRequest('ann', 'x'.repeat(1000));
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 100_000 && !peer.gone; n += 1) {
      peer.send(request);
      if (n % 1000 === 999) await peer.drained();
    }
    expect(await peer.rest()).toEqual([HANG_UP]);
    gate.open();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
    expect(auth.asked).toEqual(['ann password first']);
    expect(reasons()).toEqual(['protocol']);
    expect(warnings()).toEqual([
      expect.stringContaining('sends requests to log in without waiting for an answer'),
    ]);
    expect(server.log.some(({ text }) => text.includes('logged in'))).toBe(false);
  });

  it('questions that cost nothing come to an end as well', async () => {
    const peer = await connect();
    const seen = new Set<string>();
    const ask = authRequest('ann', 'none');
    let word = '';
    for (let n = 0; n < 1000 && word !== HANG_UP; n += 1) {
      peer.send(ask);
      word = await peer.next();
      seen.add(word);
    }
    expect([...seen]).toEqual([`failure ${ALL}`, HANG_UP]);
    expect(reasons()).toEqual(['protocol']);
    expect(failed).toEqual([]);
  });

  it.each(['gssapi-with-mic', 'hostbased', '', 'x'.repeat(1000)])(
    'the method %j that is not there is answered with those that are',
    async (method) => {
      const peer = await connect();
      peer.send(authRequest('ann', method, [sshString('x')]));
      expect(await peer.next()).toBe(`failure ${ALL}`);
      peer.send(passwordRequest('dev', 'dev'));
      expect(await peer.next()).toBe(HANG_UP);
    },
  );

  it.each([
    ['another service', authRequest('ann', 'none', [], 'ssh-userauth')],
    ['no user name', Buffer.of(USERAUTH.REQUEST)],
    ['a length beyond its end', Buffer.of(USERAUTH.REQUEST, 255, 255, 255, 255)],
    [
      'a channel before log-in',
      Buffer.concat([Buffer.of(90), sshString('session'), Buffer.alloc(12)]),
    ],
    ['channel data before log-in', Buffer.concat([Buffer.of(94), uint32(0), sshString('data')])],
  ])('%s ends the connection', async (_title, payload) => {
    const peer = await connect();
    peer.send(payload);
    expect(await peer.rest()).toEqual([HANG_UP]);
    expect(reasons()).toEqual(['protocol']);
    expect(auth.asked).toEqual([]);
  });

  it.each([USERAUTH.FAILURE, USERAUTH.SUCCESS, USERAUTH.SIXTY, USERAUTH.INFO_RESPONSE, 53, 79])(
    'a message %d, which has no place there, changes nothing',
    async (type) => {
      const peer = await connect();
      const stray = Buffer.concat([Buffer.of(type), uint32(2 ** 25), Buffer.alloc(100)]);
      peer.send(stray, keyRequest('dev', KEY), stray);
      expect(await peer.next()).toMatch(/^60 /);
      peer.send(stray, passwordRequest('dev', 'dev'), stray);
      expect(await peer.next()).toBe('success');
      peer.send(stray, passwordRequest('dev', 'dev'), passwordRequest('ann', 'x'));
      await serveOne(server.port);
      expect(peer.gone).toBe(false);
      await peer.leave();
    },
  );
});

describe('the user name', () => {
  it('that changes ends the connection, and what is being decided is dropped', async () => {
    const gate = new Gate();
    auth.password = async () => {
      await gate.pass();
      return true;
    };
    const peer = await connect();
    peer.send(passwordRequest('ann', 'right'));
    await gate.reached('the authenticator to be asked');
    peer.send(passwordRequest('bob', 'x'));
    expect(await peer.rest()).toEqual([HANG_UP]);
    gate.open();
    await serveOne(server.port);
    expect(auth.asked).toEqual(['ann password right']);
    expect(warnings()).toEqual([expect.stringContaining('has changed its user name')]);
    expect(server.log.filter(({ text }) => /"(ann|bob)" logged in/.test(text))).toEqual([]);
  });

  it('that changes after a partial success takes nothing of it along', async () => {
    auth.password = () => new PartialSuccess(['keyboard-interactive']);
    const peer = await connect();
    peer.send(passwordRequest('ann', 'right'));
    expect(await peer.next()).toBe('partial keyboard-interactive');
    peer.send(dialogueRequest('root'));
    expect(await peer.rest()).toEqual([HANG_UP]);
    expect(auth.asked).toEqual(['ann password right']);
  });

  it.each([
    ['is empty', ''],
    ['has more than 1024 bytes', 'ä'.repeat(513)],
    ['holds NUL', 'root\0ann'],
    ['is not UTF-8', Buffer.from('r\u00ffot', 'latin1')],
  ])('that %s is refused, and the authenticator is not asked', async (_title, name) => {
    const peer = await connect();
    peer.send(authRequest(name, 'none'));
    expect(await peer.next()).toBe(`failure ${ALL}`);
    peer.send(passwordRequest(name, 'dev'));
    expect(await peer.next()).toBe(`failure ${ALL}`);
    expect(auth.asked).toEqual([]);
    expect(failed).toHaveLength(1);
    const [line = ''] = warnings();
    expect(line).toContain('this is no user name');
    expect(line.length).toBeLessThan(500);
    await peer.leave();
  });
});

describe('a public key', () => {
  it('that is asked for alone has no effect, however often', async () => {
    auth.key = () => true;
    const peer = await connect();
    const lines = (): number => server.log.filter(({ level }) => level !== 'debug').length;
    const before = lines();
    for (let n = 0; n < 20; n += 1) {
      peer.send(keyRequest('ann', KEY));
      expect(await peer.next()).toMatch(/^60 /);
    }
    expect(auth.asked).toEqual([]);
    expect(failed).toEqual([]);
    expect(lines()).toBe(before);
    peer.send(keyRequest('ann', KEY, signer(KEY, peer.sessionId)));
    expect(await peer.next()).toBe('success');
    await peer.leave();
  });

  it.each<[string, (peer: UserauthPeer, other: UserauthPeer) => Buffer]>([
    [
      'a signature of another session',
      (_peer, other) => keyRequest('ann', KEY, signer(KEY, other.sessionId)),
    ],
    [
      'a signature over another user name',
      (peer) => {
        const sign = signer(KEY, peer.sessionId);
        return keyRequest('ann', KEY, () =>
          sign(keyRequest('bob', KEY, () => Buffer.alloc(0)).subarray(0, -4)),
        );
      },
    ],
    [
      'a signature over another service',
      (peer) => {
        const sign = signer(KEY, peer.sessionId);
        return keyRequest('ann', KEY, (unsigned) =>
          sign(
            Buffer.from(
              unsigned.toString('latin1').replace('ssh-connection', 'ssh-userauthxx'),
              'latin1',
            ),
          ),
        );
      },
    ],
    [
      'a signature over a query',
      (peer) => {
        const sign = signer(KEY, peer.sessionId);
        return keyRequest('ann', KEY, () => sign(keyRequest('ann', KEY)));
      },
    ],
    ['no signature, though one is announced', () => keyRequest('ann', KEY, () => Buffer.alloc(0))],
    [
      'the key of another kind in it',
      (peer) => keyRequest('ann', KEY, signer(KEY, peer.sessionId), 'rsa-sha2-512'),
    ],
  ])('with %s is never shown to the authenticator', async (_title, make) => {
    auth.key = () => true;
    const [peer, other] = await Promise.all([connect(), connect()]);
    peer.send(make(peer, other));
    expect(await peer.next()).toBe(`failure ${ALL}`);
    expect(auth.asked).toEqual([]);
    await Promise.all([peer.leave(), other.leave()]);
  });
});

describe('a certificate', () => {
  const TYPES = ['ssh-ed25519', 'ssh-rsa', 'rsa-sha2-512', 'ecdsa-sha2-nistp256', 'sk-ssh-ed25519'];

  it.each([
    ['asked for', 0],
    ['signed with', 1],
  ])('that is %s costs no attempt, and the plain key still comes in', async (_title, signed) => {
    auth.key = () => true;
    const peer = await connect();
    for (const type of TYPES.map((name) => `${name}-cert-v01@openssh.com`)) {
      const blob = Buffer.concat([sshString(type), sshString(Buffer.alloc(32, 1))]);
      const signature = Buffer.concat([sshString(type), sshString(Buffer.alloc(64, 1))]);
      peer.send(
        authRequest('ann', 'publickey', [
          Buffer.of(signed),
          sshString(type),
          sshString(blob),
          ...(signed === 1 ? [sshString(signature)] : []),
        ]),
      );
      expect(await peer.next()).toBe(`failure ${ALL}`);
    }
    expect(auth.asked).toEqual([]);
    expect(failed).toEqual([]);
    peer.send(keyRequest('ann', KEY, signer(KEY, peer.sessionId)));
    expect(await peer.next()).toBe('success');
    await peer.leave();
  });
});

describe('a dialogue', () => {
  it('with 2^25 answers is refused, and no room is made for them', async () => {
    const peer = await connect();
    peer.send(dialogueRequest('ann'));
    expect(await peer.next()).toMatch(/^60 /);
    const before = process.memoryUsage().rss;
    peer.send(
      Buffer.concat([Buffer.of(USERAUTH.INFO_RESPONSE), uint32(2 ** 25), Buffer.alloc(30_000)]),
    );
    expect(await peer.next()).toBe(`failure ${ALL}`);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    expect(await auth.dialogues[0]).toBeInstanceOf(Error);
    expect(failed).toMatchObject([
      { username: 'ann', method: 'keyboard-interactive', failures: 1 },
    ]);
    peer.send(dialogueRequest('ann'));
    expect(await peer.next()).toMatch(/^60 /);
    peer.send(answers('123456'));
    expect(await peer.next()).toBe('success');
    await peer.leave();
  });

  it.each([
    ['too few', answers()],
    ['too many', answers('123456', '123456')],
    ['one that is too long', answers('x'.repeat(4097))],
    ['bytes after the last', Buffer.concat([answers('123456'), Buffer.of(0)])],
    ['half of one', answers('123456').subarray(0, -1)],
    ['no number of them', Buffer.of(USERAUTH.INFO_RESPONSE)],
  ])('with wrong answers is refused: %s', async (_title, response) => {
    const peer = await connect();
    peer.send(dialogueRequest('ann'));
    await peer.next();
    peer.send(response);
    expect(await peer.next()).toBe(`failure ${ALL}`);
    expect(await auth.dialogues[0]).toMatchObject({
      message: 'The client has not given one answer of an allowed length to each prompt',
    });
    await peer.leave();
  });

  it('is broken off by another request, without an answer of its own', async () => {
    const peer = await connect();
    peer.send(dialogueRequest('ann'));
    await peer.next();
    // Out of step, ssh2 would now end the connection at the key: it would take it for the dialogue.
    peer.send(keyRequest('ann', KEY));
    expect(await peer.next()).toMatch(/^60 0000000b7373682d65643235353139/);
    expect(await auth.dialogues[0]).toMatchObject({
      message: 'The client has begun another request',
    });
    peer.send(answers('123456'), passwordRequest('ann', 'x'));
    expect(await peer.next()).toBe(`failure ${ALL}`);
    peer.send(keyRequest('ann', KEY));
    expect(await peer.next()).toMatch(/^60 0000000b7373682d65643235353139/);
    expect(failed.map(({ method, failures }) => `${method} ${failures}`)).toEqual([
      'keyboard-interactive 1',
      'password 2',
    ]);
    await peer.leave();
  });

  it('that is begun again and again uses up the attempts', async () => {
    const peer = await connect();
    for (let n = 0; n < 3; n += 1) {
      peer.send(dialogueRequest('ann'));
      expect(await peer.next()).toMatch(/^60 /);
    }
    peer.send(dialogueRequest('ann'));
    expect(await peer.rest()).toEqual([HANG_UP]);
    expect(reasons()).toEqual(['maxAuthAttempts']);
    expect(auth.dialogues).toHaveLength(3);
  });

  it('that is broken off cannot let anybody in any more', async () => {
    const gate = new Gate();
    auth.dialogue = async (dialogue) => {
      await dialogue.ask({ prompts: [{ prompt: 'Code: ' }] }).catch(() => undefined);
      await gate.pass();
      return true;
    };
    const peer = await connect();
    peer.send(dialogueRequest('ann'));
    await peer.next();
    peer.send(passwordRequest('ann', 'wrong'));
    expect(await peer.next()).toBe(`failure ${ALL}`);
    await gate.reached('the application to go on');
    gate.open();
    expect(await auth.dialogues[0]).toBe(true);
    peer.send(authRequest('ann', 'none'));
    expect(await peer.next()).toBe(`failure ${ALL}`);
    await peer.leave();
  });

  it('whose client goes away rejects', async () => {
    const peer = await connect();
    peer.send(dialogueRequest('ann'));
    await peer.next();
    await peer.leave();
    await serveOne(server.port);
    expect(await auth.dialogues[0]).toMatchObject({ message: 'The client is gone' });
  });
});

describe('a change of the password', () => {
  it('is refused: the authenticator never sees what is no text', async () => {
    const peer = await connect();
    peer.send(authRequest('ann', 'password', [Buffer.of(1), sshString('old'), sshString('new')]));
    expect(await peer.next()).toBe(`failure ${ALL}`);
    expect(auth.asked).toEqual([]);
    expect(failed).toHaveLength(1);
    await peer.leave();
  });
});
