// Makes docs/images/session.svg: the package's own command line serves a folder, OpenSSH's sftp uses it, and what both
// have said is drawn as two terminals. `npm run docs:picture` builds the package and runs this.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { terminalsOf } from './terminal-svg.mjs';

const CLI = join(import.meta.dirname, '../../../libs/sftpd/bin/nestjs-sftpd.js');
const TARGET = join(import.meta.dirname, '../../../docs/images/session.svg');
const PORT = 2222;

const COMMANDS = [
  'put invoices.csv',
  'ls -l',
  'mkdir done',
  'rename invoices.csv done/invoices.csv',
  'ls done',
];

const home = await mkdtemp(join(tmpdir(), 'picture-'));
try {
  const key = join(home, 'key');
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  await writeFile(join(home, 'invoices.csv'), 'number,total\n1,42\n'.repeat(4000));
  await mkdir(join(home, 'files'));
  const server = serve(key);
  const lines = [];
  const reader = createInterface({ input: server.stdout });
  const listening = new Promise((resolve) => {
    reader.on('line', (line) => {
      lines.push(line);
      if (line.includes(String(PORT))) resolve(undefined);
    });
  });
  await Promise.race([
    listening,
    once(server, 'exit').then(() => Promise.reject(new Error('The server has ended'))),
  ]);
  const session = await use(key);
  server.kill('SIGTERM');
  await once(server, 'close');
  const end = lines.findIndex((line) => line.startsWith('SIGTERM'));
  await mkdir(join(TARGET, '..'), { recursive: true });
  const terminals = [
    { title: 'partner', lines: [`$ sftp -P ${PORT} me@127.0.0.1`, ...session] },
    {
      title: 'server',
      lines: [
        `$ npx nestjs-sftpd serve ./files --user me --port ${PORT} --authorized-keys keys`,
        ...lines.slice(0, end),
      ],
    },
  ];
  await writeFile(TARGET, terminalsOf(terminals));
} finally {
  await rm(home, { recursive: true });
}

function serve(key) {
  return spawn(
    process.execPath,
    [
      CLI,
      'serve',
      join(home, 'files'),
      '--user',
      'me',
      '--port',
      String(PORT),
      '--authorized-keys',
      `${key}.pub`,
      '--host-keys',
      join(home, 'host-keys'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: home },
  );
}

/** What the client says, by lines. */
async function use(key) {
  const batch = join(home, 'batch');
  await writeFile(batch, COMMANDS.map((command) => `${command}\n`).join(''));
  const options = [
    'StrictHostKeyChecking=no',
    `UserKnownHostsFile=${join(home, 'known')}`,
    'LogLevel=ERROR',
  ];
  const { stdout } = await promisify(execFile)(
    'sftp',
    [
      '-b',
      batch,
      '-i',
      key,
      '-P',
      String(PORT),
      ...options.flatMap((option) => ['-o', option]),
      'me@127.0.0.1',
    ],
    { cwd: home },
  );
  return stdout.trimEnd().split('\n');
}
