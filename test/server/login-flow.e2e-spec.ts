import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Acceptance,
  type AuthenticationFailedEvent,
  type AuthenticationMethod,
  type AuthenticationProgress,
  type AuthenticationResult,
  type ConnectionRefusedEvent,
  type KeyboardInteractiveDialogue,
  PartialSuccess,
  Refusal,
  type SftpAuthenticator,
  type SftpPeer,
} from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import type { KeyboardInteractiveAuthMethod, PasswordAuthMethod, Prompt } from 'ssh2';

import { ed25519KeyPair } from '../support/key-pair.js';
import { putFile } from '../support/raw-files.js';
import { type RawServer, startRawServer } from '../support/raw-server.js';
import { logIn, serveOne, tryLogIn } from './support/log-in.js';
import {
  answers,
  dialogueRequest,
  passwordRequest,
  UserauthPeer,
} from './support/userauth-peer.js';
import { watched } from './support/watched-backend.js';

const REFUSED = 'All configured authentication methods failed';

type Step = (progress: AuthenticationProgress) => AuthenticationResult;
type Talk = (
  dialogue: KeyboardInteractiveDialogue,
  progress: AuthenticationProgress,
) => Promise<AuthenticationResult>;

/** Passwords and dialogues as each test needs them. */
class Scripted implements SftpAuthenticator {
  firstMethods: readonly AuthenticationMethod[] = ['password', 'keyboard-interactive'];
  step: Step = () => true;
  talk: Talk = async () => true;
  readonly asked: string[] = [];

  authenticatePassword(
    username: string,
    password: string,
    _peer: SftpPeer,
    progress: AuthenticationProgress,
  ): AuthenticationResult {
    if (username === 'dev' && password === 'dev') return true;
    this.asked.push(`password ${password}`);
    return this.step(progress);
  }

  keyboardInteractive(
    _username: string,
    dialogue: KeyboardInteractiveDialogue,
    _peer: SftpPeer,
    progress: AuthenticationProgress,
  ): ReturnType<Talk> {
    this.asked.push('dialogue');
    return this.talk(dialogue, progress);
  }
}

const PASSWORD: PasswordAuthMethod = { type: 'password', username: 'ann', password: 'right' };

/** How a client has a dialogue: what it is asked, and what it answers. */
function dialogueOf(
  answer: (name: string, instructions: string, prompts: Prompt[]) => string[],
): KeyboardInteractiveAuthMethod {
  return {
    type: 'keyboard-interactive',
    username: 'ann',
    prompt: (name, instructions, _language, prompts, finish) => {
      finish(answer(name, instructions, prompts));
    },
  };
}

let server: RawServer;
let auth: Scripted;
let failed: AuthenticationFailedEvent[];
let refused: ConnectionRefusedEvent[];
const storage = watched(new MemoryBackend());

beforeEach(async () => {
  auth = new Scripted();
  await start();
});

afterEach(async () => {
  await server.stop();
});

async function start(): Promise<void> {
  server = await startRawServer({
    backend: storage.backend,
    options: { auth, maxAuthAttempts: 3 },
  });
  failed = [];
  refused = [];
  server.events.on('auth.failed', (event) => failed.push(event));
  server.events.on('connection.refused', (event) => refused.push(event));
}

const connect = (): Promise<UserauthPeer> => UserauthPeer.connect(server.port);
const errors = (): string[] =>
  server.log.filter(({ level }) => level === 'error').map(({ text }) => text);

describe('results', () => {
  it('an Acceptance gives the session attributes and limits', async () => {
    auth.step = () => new Acceptance({ tenant: 7 }, { maxHandles: 5 });
    const connection = await logIn({ port: server.port, username: 'ann', password: 'x' });
    const sftp = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/f', 'x');
    expect(storage.ledger.sessions.at(-1)).toMatchObject({
      username: 'ann',
      attributes: { tenant: 7 },
      limits: { maxHandles: 5 },
    });
    await connection.end();
  });

  it('an Acceptance with wrong limits lets nobody in, and the log names the authenticator', async () => {
    auth.step = () => new Acceptance({}, { maxHandles: -1 });
    expect(await tryLogIn({ port: server.port, username: 'ann', password: 'x' })).toBe(REFUSED);
    expect(errors()).toEqual([
      expect.stringMatching(/authenticator Scripted has returned .*maxHandles: must be a whole/),
    ]);
  });

  it('a Refusal is told in the log with its reason, on one line, and never to the client', async () => {
    auth.step = () => new Refusal('the account\n"ann" is locked');
    const peer = await connect();
    peer.send(passwordRequest('ann', 'x'));
    expect(await peer.next()).toBe('failure password,keyboard-interactive');
    const line = server.log.find(({ text }) => text.includes('is locked'));
    expect(line?.level).toBe('warn');
    expect(line?.text).toMatch(
      /"ann" was refused by password \(attempt 1 of 3\): "the account\\n\\"ann\\" is locked"$/,
    );
    expect(failed).toEqual([
      {
        connectionId: expect.any(String) as unknown,
        address: '127.0.0.1',
        port: expect.any(Number) as unknown,
        username: 'ann',
        method: 'password',
        failures: 1,
      },
    ]);
    await peer.leave();
  });

  it('a Refusal that disconnects ends the connection at once', async () => {
    auth.step = () => new Refusal('banned', true);
    const peer = await connect();
    peer.send(passwordRequest('ann', 'x'), passwordRequest('ann', 'y'));
    expect(await peer.rest()).toEqual(['disconnect 11']);
    expect(auth.asked).toEqual(['password x']);
    expect(failed).toHaveLength(1);
    expect(refused).toEqual([]);
    await serveOne(server.port);
  });

  it('the refusal of another copy of the package is one, and what looks like one lets nobody in', async () => {
    class Refusal {
      readonly reason = 'of another copy';
      readonly disconnect = false;
    }
    auth.step = () => new Refusal() as never;
    expect(await tryLogIn({ port: server.port, username: 'ann', password: 'x' })).toBe(REFUSED);
    expect(errors()).toEqual([expect.stringContaining('a class Refusal that is not the one')]);
  });

  it('an error that is returned instead of thrown lets nobody in', async () => {
    auth.step = () => new Error('wrong password') as never;
    expect(await tryLogIn({ port: server.port, username: 'ann', password: 'x' })).toBe(REFUSED);
    expect(errors()).toEqual([expect.stringContaining('an error; it should be thrown')]);
  });

  it('attempts that are used up are told by events and by one line each', async () => {
    auth.step = () => false;
    const peer = await connect();
    for (let n = 0; n < 3; n += 1) {
      peer.send(passwordRequest('ann', 'x'));
      expect(await peer.next()).toMatch(/^failure/);
    }
    expect(await peer.rest()).toEqual(['disconnect 11']);
    expect(failed.map(({ failures }) => failures)).toEqual([1, 2, 3]);
    expect(refused).toMatchObject([{ reason: 'maxAuthAttempts', username: undefined }]);
    const warnings = server.log.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(4);
  });
});

describe('two factors', () => {
  const code: Talk = async (dialogue) => {
    const [given] = await dialogue.ask({ prompts: [{ prompt: 'Code: ' }] });
    return given === '123456' && { code: true };
  };

  it('the second one is asked next, with what the first one gave, and no other way is open', async () => {
    const seen: AuthenticationProgress[] = [];
    auth.step = () => new PartialSuccess(['keyboard-interactive'], { tenant: 7, code: false });
    auth.talk = (dialogue, progress) => {
      seen.push(progress);
      return code(dialogue, progress);
    };
    const peer = await connect();
    peer.send(passwordRequest('ann', 'right'));
    expect(await peer.next()).toBe('partial keyboard-interactive');
    peer.send(passwordRequest('ann', 'again'));
    expect(await peer.next()).toBe('failure keyboard-interactive');
    peer.send(dialogueRequest('ann'));
    expect(await peer.next()).toMatch(/^60 /);
    peer.send(answers('654321'));
    expect(await peer.next()).toBe('failure keyboard-interactive');
    peer.send(dialogueRequest('ann'));
    await peer.next();
    peer.send(answers('123456'));
    expect(await peer.next()).toBe('success');
    expect(auth.asked).toEqual(['password right', 'dialogue', 'dialogue']);
    expect(seen).toEqual([
      { succeeded: ['password'], attributes: { tenant: 7, code: false } },
      { succeeded: ['password'], attributes: { tenant: 7, code: false } },
    ]);
    // Neither success counts; the password at the wrong time and the wrong code do.
    expect(failed.map(({ failures }) => failures)).toEqual([1, 2]);
    expect(
      server.log.some(({ text }) =>
        text.endsWith('logged in by password, then keyboard-interactive'),
      ),
    ).toBe(true);
    await peer.leave();
  });

  it('the attributes of both are the session’s', async () => {
    auth.step = () => new PartialSuccess(['keyboard-interactive'], { tenant: 7, code: false });
    auth.talk = code;
    const connection = await logIn({
      port: server.port,
      username: 'ann',
      authHandler: [PASSWORD, dialogueOf(() => ['123456'])],
    });
    const sftp = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/f', 'x');
    expect(storage.ledger.sessions.at(-1)?.attributes).toEqual({ tenant: 7, code: true });
    await connection.end();
  });

  it('a method that is not among the first is never asked before a partial success names it', async () => {
    await server.stop();
    auth.firstMethods = ['password'];
    auth.step = () => new PartialSuccess(['keyboard-interactive']);
    await start();
    const peer = await connect();
    peer.send(dialogueRequest('ann'));
    expect(await peer.next()).toBe('failure password');
    expect(auth.asked).toEqual([]);
    peer.send(passwordRequest('ann', 'right'));
    expect(await peer.next()).toBe('partial keyboard-interactive');
    peer.send(dialogueRequest('ann'));
    expect(await peer.next()).toBe('success');
    await peer.leave();
  });

  it.each<[string, PartialSuccess, RegExp]>([
    ['a method that is not there', new PartialSuccess(['publickey']), /asks for "publickey" next/],
    ['a word', new PartialSuccess(['otp' as never]), /asks for "otp" next/],
    ['none', new PartialSuccess([]), /names no method/],
  ])('a partial success that names %s is a refusal', async (_title, result, message) => {
    auth.step = () => result;
    const peer = await connect();
    peer.send(passwordRequest('ann', 'right'));
    expect(await peer.next()).toBe('failure password,keyboard-interactive');
    expect(errors()).toEqual([expect.stringMatching(message)]);
    expect(failed).toHaveLength(1);
    await peer.leave();
  });

  it('partial successes without end come to one', async () => {
    auth.step = () => new PartialSuccess(['password']);
    const peer = await connect();
    const words: string[] = [];
    do {
      peer.send(passwordRequest('ann', 'x'));
      words.push(await peer.next());
    } while (words.length < 100 && !words.includes('disconnect 11'));
    expect(words).toEqual([
      ...Array.from({ length: 8 }, () => 'partial password'),
      ...Array.from({ length: 3 }, () => 'failure password'),
      'disconnect 11',
    ]);
    expect(errors()).toHaveLength(3);
  });
});

describe('a dialogue', () => {
  it('has several rounds, some of them without a question', async () => {
    const given: (readonly string[])[] = [];
    auth.talk = async (dialogue) => {
      given.push(
        await dialogue.ask({
          name: 'Title',
          instruction: 'Twice, please.',
          prompts: [{ prompt: 'Echo: ', echo: true }, { prompt: 'Hidden: ' }],
        }),
        await dialogue.ask({ instruction: 'Good.', prompts: [] }),
        await dialogue.ask({ prompts: [{ prompt: 'Ünïcode: ' }] }),
      );
      return true;
    };
    const rounds: unknown[] = [];
    const outcome = await tryLogIn({
      port: server.port,
      authHandler: [
        dialogueOf((name, instructions, prompts) => {
          rounds.push([name, instructions, ...prompts]);
          return prompts.map(({ prompt }) => `re ${prompt}`);
        }),
      ],
    });
    expect(outcome).toBe('logged in');
    expect(rounds).toEqual([
      [
        'Title',
        'Twice, please.',
        { prompt: 'Echo: ', echo: true },
        { prompt: 'Hidden: ', echo: false },
      ],
      // ssh2's client answers a round without questions by itself.
      ['', '', { prompt: 'Ünïcode: ', echo: false }],
    ]);
    expect(given).toEqual([['re Echo: ', 're Hidden: '], [], ['re Ünïcode: ']]);
  });

  it('with questions that are none is refused, even when the application goes on', async () => {
    auth.talk = async (dialogue) => {
      await dialogue.ask({ prompts: [{ prompt: '' }] }).catch(() => undefined);
      return true;
    };
    const peer = await connect();
    peer.send(dialogueRequest('ann'));
    expect(await peer.next()).toBe('failure password,keyboard-interactive');
    expect(errors()).toEqual([
      expect.stringMatching(/authenticator Scripted has failed: prompts\[0\]\.prompt: must be/),
    ]);
    await peer.leave();
  });

  it('that takes too long ends with the time for the log-in', async () => {
    await server.stop();
    let over: (error: unknown) => void = () => undefined;
    const rejected = new Promise((resolve) => (over = resolve));
    auth.talk = async (dialogue) => {
      await dialogue.ask({ prompts: [{ prompt: 'Code: ' }] }).catch(over);
      return true;
    };
    server = await startRawServer({ options: { auth, loginTimeout: 700 } });
    const peer = await connect();
    peer.send(dialogueRequest('ann'));
    expect(await peer.next()).toMatch(/^60 /);
    expect(await peer.rest()).toEqual([]);
    expect(await rejected).toMatchObject({ message: 'The client is gone' });
    expect(server.log.some(({ text }) => text.includes('loginTimeout'))).toBe(true);
  });
});

describe('a key among many', () => {
  it('that is not offered as a first method is not asked for', async () => {
    await server.stop();
    const keys: string[] = [];
    server = await startRawServer({
      options: {
        auth: {
          firstMethods: ['password'],
          authenticatePassword: () => new PartialSuccess(['publickey']),
          authorizePublicKey: (_username, { fingerprint }, _peer, { succeeded }) => {
            keys.push(`${fingerprint} after ${succeeded.join()}`);
            return true;
          },
        },
      },
    });
    const { private: privateKey } = ed25519KeyPair();
    const key = { type: 'publickey', username: 'ann', key: privateKey } as const;
    const password = { type: 'password', username: 'ann', password: 'x' } as const;
    const port = server.port;
    expect(await tryLogIn({ port, authHandler: [key] })).toBe(REFUSED);
    expect(keys).toEqual([]);
    expect(await tryLogIn({ port, authHandler: [key, password, key] })).toBe('logged in');
    expect(keys).toEqual([expect.stringMatching(/^SHA256:\S+ after password$/)]);
  });
});
