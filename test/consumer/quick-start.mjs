/**
 * Does what README.md says, as somebody who has just cloned the repository: from `npm ci` to a file that is delivered,
 * and then an application with the packed package.
 *
 *     npm run build:lib && node --test-reporter=spec test/consumer/quick-start.mjs
 */
import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { blocksOf } from './kit/blocks.mjs';
import { copyCheckout } from './kit/checkout.mjs';
import { pack } from './kit/npm.mjs';
import { succeed } from './kit/program.mjs';
import { Shell } from './kit/shell.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGE = 'README.md';
const LISTENING = /^SFTP server listening on 127\.0\.0\.1:(\d+)$/m;

let directory;
let blocks;
let shell;

/** The only block of the page that begins so. */
function blockThatBegins(text) {
  const found = blocks.filter((block) => block.startsWith(text));
  assert.equal(found.length, 1, `${PAGE} has one block that begins with ${text}`);
  return found[0];
}

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sftpd-quick-start-'));
  blocks = await blocksOf(PAGE, 'sh', 'ts');
});

after(async () => {
  await shell?.end();
  await rm(directory, { recursive: true, force: true });
});

describe(`what '${PAGE}' says, in a fresh checkout`, () => {
  let checkout;

  before(async () => {
    checkout = path.join(directory, 'checkout');
    await copyCheckout(checkout);
    shell = new Shell(checkout);
  });

  it('starts a server to which one can log in', async () => {
    const server = shell.serve(blockThatBegins('npm ci && npm start'), { SFTP_PORT: '0' });
    const [, port] = await server.output(LISTENING);
    await writeFile(path.join(checkout, 'hello.txt'), 'hello');
    const logIn = blockThatBegins('sftp ').replace('2222', port);
    const { stdout } = await shell.sftp(logIn, 'dev', 'put hello.txt\nls -1\n');
    assert.match(stdout, /^hello\.txt *$/m);
    await server.interrupt();
    assert.match(server.written, /\[SftpServer\] Stopped$/m);
  });

  it('has the command line', async () => {
    const { version } = JSON.parse(
      await readFile(path.join(checkout, 'libs', 'sftpd', 'package.json'), 'utf8'),
    );
    const told = await succeed('npx', ['nestjs-sftpd', '--version'], { cwd: checkout });
    assert.equal(told.trim(), version);
  });
});

describe(`what '${PAGE}' says, in an application`, () => {
  it('tells of a file that is delivered', async () => {
    const application = path.join(directory, 'application');
    await mkdir(application);
    const tarball = await pack(directory);
    shell = new Shell(application);
    const install = blockThatBegins('npm install nestjs-sftpd').replace(
      ' nestjs-sftpd',
      ` ${tarball}`,
    );
    await shell.run(`npm init --yes && npm pkg set type=module\n${install}`);
    await writeFile(
      path.join(application, 'main.ts'),
      blockThatBegins('// main.ts').replace('port: 2222', 'port: 0'),
    );
    const compiler = path.join(ROOT, 'node_modules', '.bin', 'tsc');
    const types = path.join(ROOT, 'node_modules', '@types');
    const options = `--experimentalDecorators --emitDecoratorMetadata --typeRoots ${types} --types node`;
    await shell.run(
      `${compiler} main.ts --target es2023 --module nodenext --skipLibCheck ${options}`,
    );
    const server = shell.serve('exec node main.js');
    const [, port] = await server.output(/Listening on \S+ port (\d+)/);
    const logIn = blockThatBegins('sftp ').replace('2222', port);
    await shell.sftp(logIn, 'dev', 'put main.ts\n');
    await server.output(/dev has delivered \/main\.ts, \d+ bytes/);
    await server.interrupt();
  });
});
