import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { ed25519KeyPair } from '../auth/spec-support/key-pairs.js';
import { type CredentialParts, type CredentialSettings, readUser } from './credentials.js';
import { CliError, UsageError } from './errors.js';

const KEY = ed25519KeyPair().public;

let folder: string;
let warnings: string[];
let questions: string[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cli-credentials-'));
});
beforeEach(() => {
  warnings = [];
  questions = [];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, content: string, mode = 0o600): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content, { mode });
  return file;
}

function read(
  settings: Partial<CredentialSettings>,
  parts: Partial<CredentialParts> = {},
): ReturnType<typeof readUser> {
  return readUser(
    { user: 'me', passwordFile: undefined, authorizedKeys: [], ...settings },
    {
      env: {},
      terminal: false,
      ask: (question) => {
        questions.push(question);
        return Promise.resolve('typed');
      },
      warn: (message) => warnings.push(message),
      ...parts,
    },
  );
}

describe('the password', () => {
  it('is the only line of its file', async () => {
    const passwordFile = await put('password', 'from the file\n');
    expect(await read({ passwordFile })).toEqual({
      username: 'me',
      password: 'from the file',
      authorizedKeys: [],
    });
    expect(warnings).toEqual([]);
  });

  it('of the file comes before that of the environment', async () => {
    const passwordFile = await put('first', 'from the file');
    const user = await read({ passwordFile }, { env: { SFTP_PASSWORD: 'other' } });
    expect(user.password).toBe('from the file');
  });

  it('is that of the environment, beside keys too', async () => {
    const authorizedKeys = [await put('keys-beside', KEY)];
    const user = await read({ authorizedKeys }, { env: { SFTP_PASSWORD: 'set' }, terminal: true });
    expect(user).toEqual({ username: 'me', password: 'set', authorizedKeys: [KEY] });
    expect(questions).toEqual([]);
  });

  it('is asked for where there is no other way to log in', async () => {
    expect((await read({}, { terminal: true })).password).toBe('typed');
    expect(questions).toEqual(['Password for me:']);
    const empty = read({}, { terminal: true, ask: () => Promise.resolve('') });
    await expect(empty).rejects.toThrow('must not be empty');
  });

  it('is not asked for beside keys', async () => {
    const authorizedKeys = [await put('keys-alone', `# mine\n${KEY}\n`)];
    expect(await read({ authorizedKeys }, { terminal: true })).toEqual({
      username: 'me',
      authorizedKeys: [KEY],
    });
    expect(questions).toEqual([]);
  });

  it('must come from somewhere', async () => {
    await expect(read({})).rejects.toThrow(UsageError);
    await expect(read({})).rejects.toThrow(/^nobody could log in: give --password-file FILE/);
    await expect(read({}, { env: { SFTP_PASSWORD: '' } })).rejects.toThrow(
      /^SFTP_PASSWORD is empty/,
    );
  });

  it.each([
    ['nothing', '', /holds no password/],
    ['a line break', '\n', /holds no password/],
    ['two lines', 'secret\nmore\n', /several lines/],
  ])('is not taken of a file with %s, which no message repeats', async (_what, text, message) => {
    const error: unknown = await read({ passwordFile: await put('bad', text) }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CliError);
    expect(error).toMatchObject({ code: 'credentials', message: expect.stringMatching(message) });
    expect((error as Error).message).not.toMatch(/secret|more/);
  });

  it('is not taken of a file that is not there', async () => {
    await expect(read({ passwordFile: path.join(folder, 'none') })).rejects.toThrow(
      /^--password-file .*none cannot be read \(ENOENT\): name a file/,
    );
    await expect(read({ passwordFile: folder })).rejects.toThrow(/it is a directory/);
  });

  const posix = process.platform === 'win32' ? it.skip : it;

  posix.each([0o644, 0o640, 0o604])('of a file of mode %o is warned of', async (mode) => {
    const passwordFile = await put(`open-${mode}`, 'p\n', mode);
    await read({ passwordFile });
    expect(warnings).toEqual([
      `--password-file ${passwordFile} can be read by others: chmod 600 it`,
    ]);
  });
});

describe('the keys', () => {
  it('are those of all files; a line that cannot be used is warned of', async () => {
    const other = ed25519KeyPair().public;
    const [one, two] = [
      await put('one', `${KEY}\nnonsense\n`),
      await put('two', `from="127.0.0.1" ${other}\nfrom="10.0.0.0/33" ${other}`),
    ];
    const user = await read({ authorizedKeys: [one, two] });
    expect(user.authorizedKeys).toEqual([KEY, `from="127.0.0.1" ${other}`]);
    expect(warnings).toEqual([
      expect.stringMatching(/one: line 2 cannot be used: /),
      expect.stringMatching(/two: line 2 cannot be used: /),
    ]);
  });

  it.each([
    ['nothing', '# no key\n', /holds no key/],
    ['a private key', ed25519KeyPair().private, /line 1 cannot be used: .*must be a public key/],
  ])('are not taken of a file with %s', async (_what, text, message) => {
    const file = await put('no-keys', text);
    await expect(read({ authorizedKeys: [file] })).rejects.toThrow(message);
  });
});
