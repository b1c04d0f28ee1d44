/**
 * Takes the package into projects as the Nest CLI makes them, of both kinds: ES modules with Vitest, and CommonJS with
 * Jest. They are built, their tests run, and the application serves.
 *
 *     npm run build:lib && node --test-reporter=spec test/consumer/nest-cli.mjs
 */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { installNodes } from './kit/nodes.mjs';
import { pack } from './kit/npm.mjs';
import { succeed } from './kit/program.mjs';
import { Shell } from './kit/shell.mjs';

const BIN = path.resolve(import.meta.dirname, '../../node_modules/.bin');
const SOURCES = path.join(import.meta.dirname, 'nest-cli');

/** What such a project has for its author's comfort. */
const NOT_NEEDED = ['@nestjs/mau', 'oxlint', 'oxlint-tsgolint', 'prettier', '@vitest/coverage-v8'];

/** The tests that Nest makes for CommonJS need this one, too. */
const NODE_OF_JEST = '24';

let directory;
let tarball;

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sftpd-nest-cli-'));
  tarball = await pack(directory);
});

after(() => rm(directory, { recursive: true, force: true }));

async function edit(file, change) {
  await writeFile(file, change(await readFile(file, 'utf8')));
}

/** Makes a project as `nest new` does, and takes the package into it. */
async function newProject(type) {
  const name = `with-${type}`;
  const options = [`--name=${name}`, `--type=${type}`, '--language=ts', '--package-manager=npm'];
  const collection = path.join(BIN, '..', '@nestjs', 'schematics');
  const words = [`${collection}:application`, ...options, '--no-dry-run', '--debug=false'];
  await succeed(path.join(BIN, 'schematics'), words, { cwd: directory });
  const project = path.join(directory, name);
  await edit(path.join(project, 'package.json'), (text) => {
    const manifest = JSON.parse(text);
    for (const dependency of NOT_NEEDED) delete manifest.devDependencies[dependency];
    return JSON.stringify(manifest);
  });
  const shell = new Shell(project);
  await shell.run(`npm install --no-audit --no-fund ${tarball}`);
  await cp(SOURCES, path.join(project, 'src'), { recursive: true });
  const imported = `./uploads.module${type === 'esm' ? '.js' : ''}`;
  // Projects of both kinds have the functions of their test runner as globals.
  await edit(path.join(project, 'src', 'uploads.spec.ts'), (text) =>
    text.replace(/^import .* from '@jest.*\n/, '').replace('./uploads.module.js', imported),
  );
  await edit(path.join(project, 'src', 'app.module.ts'), (text) => {
    const importing = text.replace('imports: []', 'imports: [UploadsModule]');
    return `import { UploadsModule } from '${imported}';\n${importing}`;
  });
  return shell;
}

for (const [type, runner] of [
  ['esm', 'Vitest'],
  ['cjs', 'Jest'],
]) {
  describe(`a project of the Nest CLI, ${type} with ${runner}`, () => {
    let shell;

    before(async () => {
      shell = await newProject(type);
    });

    after(() => shell.end());

    it('is built, and serves', async () => {
      await shell.run('npm run build');
      const server = shell.serve('exec npm run start:prod', { PORT: '0' });
      const [, port] = await server.output(/Listening on \S+ port (\d+)/);
      await shell.sftp(`sftp -P ${port} dev@127.0.0.1`, 'dev', 'put package.json\n');
      await server.output(/package\.json was delivered/);
      await server.interrupt();
    });

    it('has tests that pass, the contract among them', async () => {
      const [jest] =
        type === 'cjs' ? await installNodes(path.join(directory, 'nodes'), [NODE_OF_JEST]) : [];
      const env = jest && { PATH: `${path.dirname(jest.node)}:${process.env.PATH}` };
      const { stdout } = await shell.run('npm test', { env: { ...env, NO_COLOR: '1' } });
      const [, passed] = /Tests:? +(\d+) passed/.exec(stdout) ?? [];
      assert.ok(Number(passed) > 250, stdout);
    });
  });
}
