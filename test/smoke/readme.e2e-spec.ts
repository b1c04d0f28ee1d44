import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import ssh2 from 'ssh2';
import { Child, killChildren } from './child.js';
import { type Block, blocksOf, compile, makeProject } from './support/code-blocks.js';

jest.setTimeout(60_000);

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

describe.each(['README.md', 'libs/sftpd/README.md'])('%s', (page) => {
  it('has TypeScript blocks that compile against the built package', async () => {
    const blocks = await blocksOf(page);
    expect(blocks.map((block) => block.file)).toContain('main.ts');
    await build(blocks);
  });

  it('has a quick start that starts and ends in order', async () => {
    const blocks = await blocksOf(page);
    const anyPort = blocks.map(({ file, code }) => ({
      file,
      code: code.replace('port: 2222', 'port: 0'),
    }));
    expect(anyPort).not.toEqual(blocks);
    await build(anyPort);
    const app = new Child([path.join(directory, 'dist', 'main.js')], { cwd: directory });
    const [, port] = await app.output(/Listening on \S+ port (\d+)/);
    const client = new ssh2.Client();
    client.connect({ host: '127.0.0.1', port: Number(port), username: 'dev', password: 'dev' });
    await once(client, 'ready');
    client.end();
    app.kill('SIGTERM');
    const { code, signal } = await app.ended;
    expect(signal ?? code).toBe('SIGTERM');
  });
});

describe('docs/reference/backends.md', () => {
  it('has TypeScript blocks that compile against the built package', async () => {
    const reports = (await blocksOf('README.md')).filter(({ file }) => file.startsWith('reports.'));
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
