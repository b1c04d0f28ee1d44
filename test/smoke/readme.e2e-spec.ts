import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PastedShell } from '../docs/support/pasted-shell.js';
import { writeSftp } from '../docs/support/programs.js';
import { shellBlocksOf } from '../docs/support/shell-blocks.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { Child, killChildren } from './child.js';
import { type Block, blocksOf, compile, makeProject } from './support/code-blocks.js';

jest.setTimeout(60_000);

const [bash, sftp, sshpass] = [
  findProgram('bash'),
  findProgram('sftp'),
  findProgram('sshpass'),
] as const;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'readme-smoke-'));
});

afterEach(async () => {
  await killChildren();
  await rm(directory, { recursive: true, force: true });
});

async function build(blocks: readonly Block[]): Promise<void> {
  await makeProject(directory, blocks);
  const { code, stdout, stderr } = await compile(directory);
  expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: '' });
}

describe.each([
  ['README.md', 4],
  ['libs/sftpd/README.md', 2],
])('%s', (page, shellBlocks) => {
  it('has TypeScript blocks that compile against the built package', async () => {
    const blocks = await blocksOf(page);
    expect(blocks.map((block) => block.file)).toContain('main.ts');
    await build(blocks);
  });

  whereUsable('the quick start', [bash, sftp, sshpass], (reasonToSkip) => {
    (reasonToSkip === undefined ? it : it.skip)(
      'has a quick start that starts, takes files and ends in order',
      async () => {
        const blocks = await blocksOf(page);
        const anyPort = blocks.map(({ file, code }) => ({
          file,
          code: code.replace('port: 2222', 'port: 0'),
        }));
        expect(anyPort).not.toEqual(blocks);
        await build(anyPort);
        const app = new Child([path.join(directory, 'dist', 'main.js')], { cwd: directory });
        const [, port = ''] = await app.output(/Listening on \S+ port (\d+)/);
        const shell = new PastedShell(programOf(bash), directory);
        const programs = { sftp: programOf(sftp), sshpass: programOf(sshpass) };
        await writeSftp(shell.programs, { ...programs, password: 'dev' });
        const commands = await shellBlocksOf(page, shellBlocks);
        const logIn = commands.find((command) => command.startsWith('sftp ')) ?? '';
        const typed = 'put package.json\nls -1\n';
        const { code: status, stdout } = await shell.run(logIn, { 2222: port }, typed);
        expect(status).toBe(0);
        expect(stdout).toMatch(/^package\.json *$/m);
        app.kill('SIGTERM');
        const { code, signal } = await app.ended;
        expect(signal ?? code).toBe('SIGTERM');
      },
    );
  });
});

describe('docs/guides/tour.md', () => {
  it('has storages that serve what the page says', async () => {
    const blocks = await blocksOf('docs/guides/tour.md');
    const anyPort = blocks.map(({ file, code }) => ({
      file,
      code: code.replace('port: 2222', 'port: 0'),
    }));
    await build([...anyPort, { file: 'serve.ts', code: SERVE }]);
    const program = new Child([path.join(directory, 'dist', 'serve.js')], { cwd: directory });
    const { code, stderr } = await program.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('docs/reference/backends.md', () => {
  it('has TypeScript blocks that compile against the built package', async () => {
    const reports = (await blocksOf('docs/guides/tour.md')).filter(({ file }) =>
      file.startsWith('reports.'),
    );
    const blocks = await blocksOf('docs/reference/backends.md');
    expect(blocks.length).toBeGreaterThan(4);
    const module = {
      file: 'reports.module.ts',
      code: [
        "import { Module } from '@nestjs/common';",
        "import { ReportsBackend } from './reports.backend.js';",
        '@Module({ providers: [ReportsBackend], exports: [ReportsBackend] })',
        'export class ReportsModule {}',
      ].join('\n'),
    };
    await build([...reports, module, ...blocks]);
  });
});

/** Serves the storages of the page, whose customers log in by keys that only they have, to a client. */
const SERVE = `
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { Test } from '@nestjs/testing';
import { SFTP_AUTHENTICATOR, SftpServer } from 'nestjs-sftpd';
import { SftpTestClient, SftpTestServer } from 'nestjs-sftpd/testing';
import { ReportsBackend } from './reports.backend.js';
import { ArchiveBackend, ArchiveSpace } from './archive.js';
import { TreeModule } from './tree.module.js';

const server = await SftpTestServer.start({ backend: new ReportsBackend() });
const reader = await server.connect();
assert.deepEqual((await reader.list('/')).map(({ name }) => name), ['january.csv']);
assert.equal((await reader.readFile('/january.csv')).toString(), 'day,sold\\n1,42\\n');
await assert.rejects(reader.writeFile('/january.csv', ''), { reason: 'Read-only file system' });
await assert.rejects(reader.remove('/january.csv'), { reason: 'Read-only file system' });
await server.close();

const anyone = { authenticatePassword: (tenant: string) => ({ tenant }) };
const module = await Test.createTestingModule({ imports: [TreeModule] })
  .overrideProvider(SFTP_AUTHENTICATOR)
  .useValue(anyone)
  .compile();
const app = await module.init();
const logIn = (username: string) =>
  SftpTestClient.connect(app.get(SftpServer, { strict: false }), { username, password: 'any' });
const customer = await logIn('north');
await customer.writeFile('/order.csv', 'item');
assert.deepEqual((await customer.list('/')).map(({ name }) => name), ['order.csv']);
await assert.rejects(customer.remove('/order.csv'), { status: 'PERMISSION_DENIED' });
assert.equal(app.get(ArchiveSpace, { strict: false }).backend, app.get(ArchiveBackend, { strict: false }));
const office = await logIn('head-office');
assert.deepEqual((await office.list('/')).map(({ name }) => name).sort(), ['archive', 'inbox']);
assert.equal((await office.readFile('/inbox/north/order.csv')).toString(), 'item');
await assert.rejects(office.mkdir('/inbox/new'), { status: 'PERMISSION_DENIED' });
await office.close();
await customer.close();
await app.close();
`;
