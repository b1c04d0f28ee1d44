import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuthenticationResult, SftpAuthenticator, SftpPublicKey } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import type {
  AuthenticationType,
  ConnectConfig,
  KeyboardInteractiveAuthMethod,
  PasswordAuthMethod,
} from 'ssh2';

import { type RawServer, startRawServer } from '../support/raw-server.js';
import { attempt, logIn, serveOne, tryLogIn, untilClosed } from './support/log-in.js';
import { Gate, watched } from './support/watched-backend.js';
import { putFile } from '../support/raw-files.js';
import { ed25519KeyPair } from '../support/key-pair.js';

const REFUSED = 'All configured authentication methods failed';

/** An authenticator that notes whom it was asked about and answers as it is told. */
class Scripted implements SftpAuthenticator {
  readonly asked: string[] = [];
  answer: () => AuthenticationResult | Promise<AuthenticationResult> = () => true;

  authenticatePassword(username: string, password: string): ReturnType<Scripted['answer']> {
    this.asked.push(`${username.slice(0, 20)} ${password.length}`);
    return this.answer();
  }

  authorizePublicKey(username: string, key: SftpPublicKey): ReturnType<Scripted['answer']> {
    this.asked.push(`${username} ${key.type}`);
    return this.answer();
  }
}

describe('log-in by password', () => {
  let server: RawServer;
  let auth: Scripted;
  const storage = watched(new MemoryBackend());
  const logInAs = (config: ConnectConfig = {}): Promise<string> =>
    tryLogIn({ port: server.port, password: 'a secret', ...config });

  beforeEach(async () => {
    auth = new Scripted();
    server = await startRawServer({ backend: storage.backend, options: { auth } });
  });

  afterEach(async () => {
    await serveOne(server.port).catch(() => undefined);
    await server.stop();
    expect(server.log.filter(({ text }) => text.includes('a secret'))).toEqual([]);
  });

  it.each<[string, Scripted['answer'], boolean]>([
    ['true', () => true, true],
    ['an object', () => ({ tenant: 7 }), true],
    ['a promise of an object', async () => ({ tenant: 7 }), true],
    ['false', () => false, false],
    ['undefined', () => undefined, false],
    ['null', () => null, false],
    ['a promise of undefined', async () => undefined, false],
    ['a text', () => 'yes' as never, false],
    ['a number', () => 1 as never, false],
  ])('an answer of %s', async (_title, answer, welcome) => {
    auth.answer = answer;
    expect(await logInAs()).toBe(welcome ? 'logged in' : REFUSED);
  });

  it.each<[string, Scripted['answer']]>([
    [
      'throws',
      () => {
        throw new Error('the directory is down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the directory is down'))],
  ])('an authenticator that %s refuses, and is told in the log', async (_title, answer) => {
    auth.answer = answer;
    expect(await logInAs()).toBe(REFUSED);
    expect(server.log.some(({ level }) => level === 'error')).toBe(true);
    auth.answer = () => true;
    await serveOne(server.port);
  });

  it('what the authenticator returns reaches the backend with the session', async () => {
    const attributes = { tenant: 7, roles: ['reader'] };
    auth.answer = () => attributes;
    const connection = await logIn({ port: server.port, username: 'ann', ident: 'Test_1.0' });
    const sftp = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/f', 'x');
    const session = storage.ledger.sessions.at(-1);
    expect(session).toMatchObject({
      username: 'ann',
      attributes,
      peer: { address: '127.0.0.1' },
    });
    expect(session?.peer.ident).toContain('Test_1.0');
    await connection.end();
  });

  it('two sessions have two ids', async () => {
    for (let n = 0; n < 2; n++) {
      const connection = await logIn({ port: server.port });
      const sftp = await connection.channel();
      await sftp.init();
      await putFile(sftp, '/f', 'x');
      await connection.end();
    }
    const [first, second] = storage.ledger.sessions.slice(-2);
    expect(first?.id).not.toBe(second?.id);
  });

  it('very long names and passwords are answered, and do not fill the log', async () => {
    auth.answer = () => false;
    const username = 'u'.repeat(1024);
    expect(await logInAs({ username, password: 'p'.repeat(12_000) })).toBe(REFUSED);
    expect(auth.asked).toEqual([`${'u'.repeat(20)} 12000`]);
    // The authenticator is not asked about a name that is no name.
    expect(await logInAs({ username: 'u'.repeat(1025) })).toBe(REFUSED);
    expect(await logInAs({ username: 'u'.repeat(12_000) })).toBe(REFUSED);
    expect(auth.asked).toHaveLength(1);
    // What exceeds an SSH packet (RFC 4253, section 6.1) ends the connection.
    expect(await logInAs({ username: 'u'.repeat(100_000) })).toBe('disconnected');
    expect(Math.max(...server.log.map(({ text }) => text.length))).toBeLessThan(2000);
  });

  it('a name with line ends and control characters stays one line of the log', async () => {
    auth.answer = () => false;
    await logInAs({ username: 'x\r\n[forged] "y" logged in\u001b[2J' });
    const lines = server.log.filter(({ text }) => text.includes('forged'));
    expect(lines.length).toBeGreaterThan(0);
    for (const { text } of lines) {
      expect(Buffer.from(text).every((byte) => byte >= 0x20)).toBe(true);
    }
  });

  it('an empty password is put to the authenticator, and refused by a list of users', async () => {
    auth.answer = () => false;
    expect(await logInAs({ password: '' })).toBe(REFUSED);
    const listed = await startRawServer();
    expect(await tryLogIn({ port: listed.port, password: '' })).toBe(REFUSED);
    await listed.stop();
  });

  it('a client that leaves while the authenticator thinks harms nobody', async () => {
    const gate = new Gate();
    auth.answer = async () => {
      await gate.pass();
      return true;
    };
    const { client } = attempt({ port: server.port, password: 'a secret' });
    await gate.reached('the authenticator to be asked');
    const closed = untilClosed(client, 'the client that leaves');
    client.destroy();
    await closed;
    gate.open();
    auth.answer = () => true;
    await serveOne(server.port);
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('the methods', () => {
  /** What the server offers, as a client that asks by the method `none` is told. */
  async function offered(auth: SftpAuthenticator): Promise<readonly string[]> {
    const server = await startRawServer({ options: { auth } });
    let methods: readonly string[] = [];
    await tryLogIn({
      port: server.port,
      authHandler: (left: AuthenticationType[] | null, _partial, next) => {
        // Not there before the first answer.
        methods = left ?? [];
        next(left === null ? ({ type: 'none', username: 'dev' } as never) : (false as never));
      },
    });
    await server.stop();
    return [...methods].sort();
  }

  it('are those of the authenticator', async () => {
    const authenticatePassword = (): boolean => true;
    const authorizePublicKey = (): boolean => true;
    expect(await offered({ authenticatePassword })).toEqual(['password']);
    expect(await offered({ authorizePublicKey })).toEqual(['publickey']);
    expect(await offered({ authenticatePassword, authorizePublicKey })).toEqual([
      'password',
      'publickey',
    ]);
  });

  it('one that is not offered is refused without a question to the authenticator', async () => {
    const asked: string[] = [];
    const server = await startRawServer({
      options: {
        auth: {
          authorizePublicKey: (username) => {
            asked.push(username);
            return true;
          },
        },
      },
    });
    const port = server.port;
    const password: PasswordAuthMethod = { type: 'password', username: 'dev', password: 'dev' };
    const dialogue: KeyboardInteractiveAuthMethod = {
      type: 'keyboard-interactive',
      username: 'dev',
      prompt: (_name, _instructions, _language, _prompts, finish) => {
        finish(['dev']);
      },
    };
    for (const method of [password, dialogue]) {
      expect(await tryLogIn({ port, authHandler: [method] })).toBe(REFUSED);
    }
    expect(asked).toEqual([]);
    await server.stop();
  });

  it('attempts are counted, and too many end the connection', async () => {
    const auth = new Scripted();
    auth.answer = () => false;
    const server = await startRawServer({ options: { auth, maxAuthAttempts: 3 } });
    const outcome = await tryLogIn({
      port: server.port,
      authHandler: Array.from({ length: 10 }, (_each, n) => ({
        type: 'password' as const,
        username: 'dev',
        password: 'x'.repeat(n + 1),
      })),
    });
    expect(outcome).not.toBe('logged in');
    expect(auth.asked).toEqual(['dev 1', 'dev 2', 'dev 3']);
    expect(server.log.some(({ text }) => text.includes('after 3 failed attempts'))).toBe(true);
    await server.stop();
  });

  it('another name in the next attempt never opens the account of the first', async () => {
    const auth = new Scripted();
    auth.answer = () => auth.asked.length > 1;
    const server = await startRawServer({ options: { auth } });
    const first: PasswordAuthMethod = { type: 'password', username: 'admin', password: 'x' };
    const second: PasswordAuthMethod = { type: 'password', username: 'guest', password: 'y' };
    const outcome = await tryLogIn({ port: server.port, authHandler: [first, second] });
    // RFC 4252, section 5: the server flushes its state or disconnects.
    if (outcome === 'logged in') {
      expect(server.log.some(({ text }) => text.includes('"guest" logged in'))).toBe(true);
    }
    expect(server.log.some(({ text }) => text.includes('"admin" logged in'))).toBe(false);
    await server.stop();
  });
});

describe('the host key', () => {
  it('is the one of the options', async () => {
    const pair = ed25519KeyPair();
    const server = await startRawServer({ options: { hostKeys: { keys: [pair.private] } } });
    let presented: Buffer | undefined;
    const outcome = await tryLogIn({
      port: server.port,
      password: 'dev',
      hostVerifier: (key: Buffer) => {
        presented = key;
        return true;
      },
    });
    expect(outcome).toBe('logged in');
    expect(presented?.toString('base64')).toBe(pair.public.split(' ')[1]);
    await server.stop();
  });
});
