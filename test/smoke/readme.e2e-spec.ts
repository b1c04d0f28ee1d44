import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import ssh2 from 'ssh2';
import { Child, killChildren, ROOT } from './child.js';

jest.setTimeout(60_000);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'readme-smoke-'));
});

afterEach(async () => {
  await killChildren();
  await rm(directory, { recursive: true, force: true });
});

interface Block {
  readonly file: string;
  readonly code: string;
}

/** The TypeScript blocks of a page; a comment in the first line names the block's file. */
async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => {
    const name = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1];
    return { file: name ?? `block-${index + 1}.ts`, code };
  });
}

/** Writes blocks into a project of its own, which sees the built package as any consumer does. */
async function makeProject(blocks: readonly Block[]): Promise<void> {
  const compilerOptions = {
    target: 'ES2023',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    rootDir: 'src',
    outDir: 'dist',
  };
  const write = (file: string, content: unknown) =>
    writeFile(
      path.join(directory, file),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  await write('package.json', { type: 'module' });
  await write('tsconfig.json', { compilerOptions, include: ['src'] });
  await mkdir(path.join(directory, 'src'));
  for (const { file, code } of blocks) await write(path.join('src', file), code);
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
}

async function compile(): Promise<void> {
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, stdout, stderr } = await new Child([tsc, '-p', directory]).ended;
  expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: '' });
}

describe.each(['README.md', 'libs/sftpd/README.md'])('%s', (page) => {
  it('has TypeScript blocks that compile against the built package', async () => {
    const blocks = await blocksOf(page);
    expect(blocks.map((block) => block.file)).toContain('main.ts');
    await makeProject(blocks);
    await compile();
  });

  it('has a quick start that starts and ends in order', async () => {
    const blocks = await blocksOf(page);
    const anyPort = blocks.map(({ file, code }) => ({
      file,
      code: code.replace('port: 2222', 'port: 0'),
    }));
    expect(anyPort).not.toEqual(blocks);
    await makeProject(anyPort);
    await compile();
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
    await makeProject([...reports, module, ...blocks]);
    await compile();
  });
});
