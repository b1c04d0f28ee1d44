/**
 * Runs the applications of `apps/` with the package from its tarball, under every line of Node that the package names,
 * with the Nest of this workspace and with the oldest that the package allows.
 *
 *     npm run build:lib && node --test-reporter=spec test/consumer/nodes.mjs [NODE-VERSION...]
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { installNodes } from './kit/nodes.mjs';
import { pack } from './kit/npm.mjs';
import { oldestVersions, REQUIRED, workspaceVersions } from './kit/packages.mjs';
import { Project } from './kit/project.mjs';

const LINES = ['20', '22', '24'];

const [line] = process.versions.node.split('.');
const given = process.argv.slice(2);
const versions = given.length > 0 ? given : LINES.filter((other) => other !== line);

const directory = await mkdtemp(path.join(tmpdir(), 'sftpd-nodes-'));
after(() => rm(directory, { recursive: true, force: true }));

const running = { version: process.version, node: process.execPath };
const nodes = [running, ...(await installNodes(path.join(directory, 'nodes'), versions))];
const tarball = await pack(directory);

const workspace = await workspaceVersions(REQUIRED);
const oldest = { ...workspace, ...(await oldestVersions(['@nestjs/common', '@nestjs/core'])) };

for (const dependencies of [workspace, oldest]) {
  const nest = dependencies['@nestjs/core'];

  describe(`an application with Nest ${nest}`, () => {
    let project;

    before(async () => {
      project = await Project.make(path.join(directory, `nest-${nest}`), {
        tarball,
        dependencies,
        npmOptions: ['--ignore-scripts', '--omit=optional'],
      });
    });

    it('compiles, every declaration file checked', () =>
      project.compile(['core.ts', 'commonjs.cts']));

    for (const { version, node } of nodes) {
      for (const app of ['esm-app.mjs', 'commonjs-app.cjs']) {
        it(`runs ${app} with Node ${version}`, async () => {
          assert.match(await project.output(app, { node }), /native addon is not in use/);
        });
      }
    }
  });
}
