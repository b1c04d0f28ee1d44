import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import ssh2, { type Client, type ConnectConfig, type SFTPWrapper } from 'ssh2';
import { Child, killChildren, ROOT } from './child.js';
import { ed25519KeyPair } from '../support/key-pair.js';

jest.setTimeout(60_000);

const MAIN = path.join(ROOT, 'dist', 'apps', 'gateway', 'main.js');
const LISTENING = /^SFTP server listening on (\S+):(\d+)$/m;

/** A module that makes `node` run as if the package were not installed. */
const WITHOUT_BCRYPT = moduleUrl(
  `import { register } from 'node:module'; register(${JSON.stringify(
    moduleUrl(`export function resolve(name, context, next) {
      if (name !== 'bcrypt') return next(name, context);
      throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
    }`),
  )});`,
);

function moduleUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

let directory: string;
let clients: Client[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gateway-smoke-'));
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  clients = [];
  await killChildren();
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A gateway on a free port; its host keys are shared by all tests. */
function gateway(env: NodeJS.ProcessEnv = {}): Child {
  const SFTP_HOST_KEY_DIR = path.join(directory, 'host-keys');
  return new Child([MAIN], {
    cwd: directory,
    env: { SFTP_PORT: '0', SFTP_HOST_KEY_DIR, ...env },
  });
}

async function portOf(child: Child): Promise<number> {
  return Number((await child.output(LISTENING))[2]);
}

async function connect(port: number, config: ConnectConfig = {}): Promise<Client> {
  const client = new ssh2.Client();
  clients.push(client);
  // A refused log-in is told first, and then that the server has closed the socket.
  client.on('error', () => undefined);
  client.connect({ host: '127.0.0.1', port, username: 'dev', password: 'dev', ...config });
  await once(client, 'ready');
  return client;
}

/** The promise of a call that ends in a callback. */
function settled<T>(
  call: (callback: (error: Error | null | undefined, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

function sftpOf(client: Client): Promise<SFTPWrapper> {
  return settled((done) => client.sftp(done));
}

function put(sftp: SFTPWrapper, name: string, content: Buffer): Promise<unknown> {
  return settled((done) => sftp.writeFile(name, content, done));
}

function get(sftp: SFTPWrapper, name: string): Promise<Buffer> {
  return settled((done) => sftp.readFile(name, done));
}

function open(sftp: SFTPWrapper, name: string): Promise<Buffer> {
  return settled((done) => sftp.open(name, 'w', done));
}

describe('the built gateway', () => {
  it('stores and gives back a file, and ends with 0 after SIGTERM', async () => {
    const child = gateway();
    const port = await portOf(child);
    const client = await connect(port);
    const sftp = await sftpOf(client);
    const content = randomBytes(1_000_003);
    await put(sftp, '/photo.jpg', content);
    expect((await get(sftp, '/photo.jpg')).equals(content)).toBe(true);
    client.end();

    child.kill('SIGTERM');
    const { code, signal, stderr } = await child.ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it('ends with 0 after SIGINT, and refuses connections from then on', async () => {
    const child = gateway();
    const port = await portOf(child);
    child.kill('SIGINT');
    expect(await child.ended).toMatchObject({ code: 0, signal: null });
    const socket = net.connect(port, '127.0.0.1');
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets a running transfer finish before it ends', async () => {
    const child = gateway({ SFTP_DRAIN_TIMEOUT: '50s' });
    const sftp = await sftpOf(await connect(await portOf(child)));
    const handle = await open(sftp, '/slow.bin');
    child.kill('SIGTERM');
    await child.output(/SIGTERM: finishing running transfers/);
    const data = randomBytes(1000);
    await settled((done) => sftp.write(handle, data, 0, data.length, 0, done));
    await settled((done) => sftp.close(handle, done));
    expect(await child.ended).toMatchObject({ code: 0, signal: null });
  });

  it('ends with 0 when the drain timeout is over, whatever still runs', async () => {
    const child = gateway({ SFTP_DRAIN_TIMEOUT: '200ms' });
    await open(await sftpOf(await connect(await portOf(child))), '/endless.bin');
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ code: 0, signal: null });
  });

  it('ends at once with 1 on a second signal', async () => {
    const child = gateway({ SFTP_DRAIN_TIMEOUT: '50s' });
    await open(await sftpOf(await connect(await portOf(child))), '/endless.bin');
    child.kill('SIGTERM');
    await child.output(/SIGTERM: finishing running transfers/);
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ code: 1, signal: null });
  });

  it('makes host keys that only its owner may read, and uses them again', async () => {
    const SFTP_HOST_KEY_DIR = path.join(directory, 'fresh-keys');
    const hostKey = async (): Promise<string> => {
      const child = gateway({ SFTP_HOST_KEY_DIR });
      const port = await portOf(child);
      let seen = '';
      await connect(port, {
        hostVerifier: (key: Buffer) => (seen = key.toString('base64')) !== '',
      });
      child.kill('SIGTERM');
      await child.ended;
      return seen;
    };
    const first = await hostKey();
    const files = await readdir(SFTP_HOST_KEY_DIR);
    expect(files).not.toEqual([]);
    for (const file of files.filter((name) => !name.endsWith('.pub'))) {
      expect((await stat(path.join(SFTP_HOST_KEY_DIR, file))).mode & 0o777).toBe(0o600);
    }
    expect(await hostKey()).toBe(first);
  });

  it('keeps the files of the folder backend in its root, which it makes', async () => {
    const root = path.join(directory, 'deep', 'root');
    const child = gateway({
      SFTP_BACKEND: 'folder',
      SFTP_FOLDER_ROOT: root,
      SFTP_ATOMIC_UPLOADS: 'true',
    });
    const sftp = await sftpOf(await connect(await portOf(child)));
    await put(sftp, '/hello.txt', Buffer.from('Hello!\n'));
    expect(await readFile(path.join(root, 'hello.txt'), 'utf8')).toBe('Hello!\n');
  });

  it('knows the users of a users file and no one else', async () => {
    const file = path.join(directory, 'users.json');
    await writeFile(file, JSON.stringify([{ username: 'anna', password: 'right' }]));
    const port = await portOf(gateway({ SFTP_USERS_FILE: file }));
    await connect(port, { username: 'anna', password: 'right' });
    await expect(connect(port, { username: 'anna', password: 'wrong' })).rejects.toThrow();
    await expect(connect(port)).rejects.toThrow();
  });

  it('takes the key of an authorized_keys file beside the password', async () => {
    const keys = ed25519KeyPair();
    const SFTP_AUTHORIZED_KEYS = path.join(directory, 'authorized_keys');
    await writeFile(SFTP_AUTHORIZED_KEYS, `# dev\n${keys.public} dev@example\n`);
    const port = await portOf(gateway({ SFTP_AUTHORIZED_KEYS, SFTP_PASSWORD: 'other' }));
    await connect(port, { privateKey: keys.private, authHandler: ['publickey'] });
    await connect(port, { password: 'other', authHandler: ['password'] });
    const stranger = ed25519KeyPair().private;
    await expect(
      connect(port, { privateKey: stranger, authHandler: ['publickey'] }),
    ).rejects.toThrow();
  });

  it('warns of a line of an authorized_keys file that it cannot honour, and takes the others', async () => {
    const [good, elsewhere, refused] = [ed25519KeyPair(), ed25519KeyPair(), ed25519KeyPair()];
    const SFTP_AUTHORIZED_KEYS = path.join(directory, 'mixed_keys');
    const lines = [
      `from="127.0.0.1" ${good.public}`,
      `from="10.0.0.0/8" ${elsewhere.public}`,
      `environment="A=b" ${refused.public}`,
    ];
    await writeFile(SFTP_AUTHORIZED_KEYS, lines.join('\n'));
    const child = gateway({ SFTP_AUTHORIZED_KEYS });
    const port = await portOf(child);
    await child.output(/mixed_keys: line 3 cannot be used: the option environment cannot/);
    const byKey = (pair: { private: string }): Promise<Client> =>
      connect(port, { privateKey: pair.private, authHandler: ['publickey'] });
    await byKey(good);
    for (const pair of [elsewhere, refused]) {
      await expect(byKey(pair)).rejects.toThrow('All configured authentication methods failed');
    }
  });

  it('takes password hashes by bcrypt and argon2', async () => {
    const file = path.join(directory, 'hashes.json');
    const users = [
      { username: 'anna', passwordHash: await bcrypt.hash('right', 4) },
      { username: 'bob', passwordHash: await argon2.hash('right', { memoryCost: 1024 }) },
    ];
    await writeFile(file, JSON.stringify(users));
    const port = await portOf(gateway({ SFTP_USERS_FILE: file }));
    for (const { username } of users) {
      await connect(port, { username, password: 'right' });
      await expect(connect(port, { username, password: 'wrong' })).rejects.toThrow(
        'All configured authentication methods failed',
      );
    }
  });

  it('announces its address whatever the log level', async () => {
    const child = gateway({ LOG_LEVEL: 'fatal' });
    await portOf(child);
    child.kill('SIGTERM');
    const { stdout, stderr } = await child.ended;
    expect(stdout).toMatch(/^SFTP server listening on 127\.0\.0\.1:\d+\n$/);
    expect(stderr).toBe('');
  });

  it('writes nothing but JSON with LOG_FORMAT=json', async () => {
    const child = gateway({ LOG_FORMAT: 'json', LOG_LEVEL: 'verbose', SFTP_HOST: '0.0.0.0' });
    await child.output(/SFTP server listening on/);
    child.kill('SIGTERM');
    const { code, stdout } = await child.ended;
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; message: string });
    expect(code).toBe(0);
    expect(records.map((record) => record.message)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^SFTP server listening on 0\.0\.0\.0:\d+$/),
        expect.stringMatching(
          /^The default password stands while the server listens on 0\.0\.0\.0/,
        ),
      ]),
    );
  });
});

describe('a gateway that cannot start', () => {
  it('tells every problem of its variables in a line and ends with 1', async () => {
    const child = gateway({ SFTP_PORT: 'x', SFTP_BACKEND: 's3', SFTP_PASWORD: 'secret' });
    const { code, stdout, stderr } = await child.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([
      'SFTP_PASWORD is not a variable of this gateway: did you mean SFTP_PASSWORD?',
      'SFTP_PORT must be a whole number from 0 to 65535, not "x"',
      'SFTP_BACKEND is s3, so S3_BUCKET must name its bucket',
    ]);
  });

  it('names the port that is in use and what to do, and ends with 1', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    const { code, stderr } = await gateway({ SFTP_PORT: String(port) }).ended;
    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The gateway could not start: [^\n]+\n$/);
    expect(stderr).toContain(String(port));
    expect(stderr).toMatch(/in use/);
    expect(stderr).toMatch(/SFTP_PORT/);
  });

  it('names a host key that it cannot read, and ends with 1', async () => {
    const SFTP_HOST_KEY_DIR = await mkdtemp(path.join(directory, 'bad-keys-'));
    const file = path.join(SFTP_HOST_KEY_DIR, 'ssh_host_ed25519_key');
    await writeFile(file, '-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense\n', { mode: 0o600 });
    const { code, stderr } = await gateway({ SFTP_HOST_KEY_DIR }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The gateway could not start: [^\n]+\n$/);
    expect(stderr).toContain('ssh_host_ed25519_key');
  });

  it('names the user whose hash needs a package that is not installed, and ends with 1', async () => {
    const file = path.join(directory, 'needy.json');
    const passwordHash = `$2b$10$${'a'.repeat(53)}`;
    await writeFile(file, JSON.stringify([{ username: 'anna', passwordHash }]));
    const child = new Child(['--import', WITHOUT_BCRYPT, MAIN], {
      cwd: directory,
      env: {
        SFTP_PORT: '0',
        SFTP_HOST_KEY_DIR: path.join(directory, 'host-keys'),
        SFTP_USERS_FILE: file,
      },
    });
    const { code, stderr } = await child.ended;
    expect(code).toBe(1);
    expect(stderr).toBe(
      'The gateway could not start: The password hash of the user "anna" needs bcrypt: install with `npm install bcrypt`\n',
    );
  });

  it('adds the stack at debug level', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    const child = gateway({ SFTP_PORT: String(port), LOG_LEVEL: 'debug' });
    const { stdout } = await child.ended;
    other.close();
    expect(stdout).toMatch(/in use[\s\S]*\n\s+at /);
  });
});
