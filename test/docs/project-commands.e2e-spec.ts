import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { Child, ROOT } from '../smoke/child.js';
import { fencedBlocks } from './support/fenced-blocks.js';
import { allPages } from './support/pages.js';
import { commandsIn, shellBlocksOf } from './support/shell-blocks.js';

const OPTIONS = path.join(ROOT, 'test', 'bench', 'options.mjs');

async function scripts(): Promise<Record<string, string>> {
  const manifest = await readFile(path.join(ROOT, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { scripts: Record<string, string> }).scripts;
}

describe('the commands of the project itself', () => {
  it('are scripts that it has, on every page', async () => {
    const blocks = (await allPages()).flatMap(fencedBlocks);
    const commands = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);
    const named = commands
      .join('\n')
      .matchAll(/\bnpm (?:run (?<script>[\w:-]+)|(?<short>test|start)\b)/g);
    const names = new Set([...named].map(({ groups }) => groups?.['script'] ?? groups?.['short']));
    expect(names).toContain('bench');
    expect(Object.keys(await scripts())).toEqual(expect.arrayContaining([...names]));
  });

  it('of CONTRIBUTING.md are what CI runs', async () => {
    const [block = ''] = await shellBlocksOf('CONTRIBUTING.md', 1);
    expect(commandsIn(block)).toEqual(['npm ci', 'npm test', 'npm run verify']);
    expect(await readFile(path.join(ROOT, '.ci', 'run'), 'utf8')).toContain('npm ci && npm test');
    expect((await scripts())['verify']).toBe('bash .ci/run --local');
  });

  it('of docs/reference/clients.md make its tables, and CI checks them', async () => {
    const [block = ''] = await shellBlocksOf('docs/reference/clients.md', 1);
    expect(commandsIn(block)).toEqual(['npm test', 'npm run docs:clients', 'npm run check:docs']);
    const { 'docs:clients': make, 'check:docs': check } = await scripts();
    expect(check).toContain(`${make ?? 'nothing'} --check`);
  });

  it('of docs/performance.md have options that the bench takes', async () => {
    const [block = ''] = await shellBlocksOf('docs/performance.md', 1);
    const program = `import { readOptions } from ${JSON.stringify(OPTIONS)};
readOptions(process.argv.slice(1));`;
    for (const command of commandsIn(block)) {
      const [, options = ''] = /^npm run bench(?: -- (.*))?$/.exec(command) ?? [];
      const words = options.split(' ').filter((word) => word !== '');
      const read = new Child(['--input-type=module', '-e', program, '--', ...words]);
      expect({ command, ...(await read.ended) }).toMatchObject({ command, code: 0 });
    }
  });
});
