/**
 * Installs the package from its tarball as a stranger would, into projects of their own in a temporary directory, and
 * proves that they compile and run: without the optional packages and with them, as ES modules and as CommonJS.
 *
 *     npm run build:lib && node --test-reporter=spec test/consumer/consumer.mjs
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { pack } from './kit/npm.mjs';
import { OPTIONAL, REQUIRED, workspaceVersions } from './kit/packages.mjs';
import { run, succeed } from './kit/program.mjs';
import { Project } from './kit/project.mjs';

const ADDON = 'node_modules/ssh2/lib/protocol/crypto/build/Release/sshcrypto.node';
const CORE_ENTRIES = ['', '/memory', '/folder', '/s3', '/redis', '/testing'];
const OPTIONAL_ENTRIES = ['/microservices', '/opentelemetry', '/terminus'];

let directory;
let tarball;

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sftpd-consumer-'));
  tarball = await pack(directory);
});

after(() => rm(directory, { recursive: true, force: true }));

/** What `apps/load.cjs` says of an entry of the package. */
async function load(project, entry) {
  return JSON.parse(await project.output('load.cjs', { args: [`nestjs-sftpd${entry}`] }));
}

/** How `apps/s3-app.mjs` fails. */
async function s3Failure(project) {
  return JSON.parse(await project.output('s3-app.mjs'));
}

async function hasCompiler() {
  const { code } = await run('sh', ['-c', 'command -v make && command -v c++'], { cwd: directory });
  return code === 0;
}

describe('a project with the package alone, installed without scripts', () => {
  let project;

  before(async () => {
    project = await Project.make(path.join(directory, 'alone'), {
      tarball,
      dependencies: await workspaceVersions(REQUIRED),
      npmOptions: ['--ignore-scripts', '--omit=optional'],
    });
  });

  it('has neither the optional packages nor the native addons', () => {
    for (const name of [...OPTIONAL, 'argon2', 'bcrypt', 'cpu-features']) {
      assert.ok(!existsSync(project.path(`node_modules/${name}`)), `${name} is not installed`);
    }
    assert.ok(!existsSync(project.path(ADDON)));
  });

  it('compiles, every declaration file checked', () =>
    project.compile(['core.ts', 'commonjs.cts']));

  for (const app of ['esm-app.mjs', 'commonjs-app.cjs']) {
    it(`runs ${app}, and is told that encryption runs in JavaScript`, async () => {
      assert.match(await project.output(app), /native addon is not in use: .*`npm rebuild ssh2`/);
    });
  }

  it('has the command line', async () => {
    const program = project.path('node_modules/.bin/nestjs-sftpd');
    assert.match(await succeed(program, ['--help'], { cwd: directory }), /\bserve\b/);
  });

  for (const entry of CORE_ENTRIES) {
    it(`gives the same nestjs-sftpd${entry} to import and to require`, async () => {
      const { names, message } = await load(project, entry);
      assert.equal(message, undefined);
      assert.ok(names.length > 0);
    });
  }

  for (const [entry, name] of [
    ['/microservices', '@nestjs/microservices'],
    ['/opentelemetry', '@opentelemetry/api'],
    ['/terminus', '@nestjs/terminus'],
  ]) {
    it(`is told that nestjs-sftpd${entry} needs ${name}`, async () => {
      const { code, message } = await load(project, entry);
      assert.equal(code, 'ERR_MODULE_NOT_FOUND');
      assert.ok(message.includes(`'${name}'`), message);
    });
  }

  it('is told at the start what S3Backend needs, and how to install it', async () => {
    const { name, message } = await s3Failure(project);
    assert.equal(name, 'S3PackagesMissingError');
    assert.match(message, /`npm install @aws-sdk\/client-s3 @aws-sdk\/lib-storage`/);
  });
});

describe('a project with all optional packages, and the scripts of its dependencies run', () => {
  let project;

  before(async () => {
    project = await Project.make(path.join(directory, 'everything'), {
      tarball,
      dependencies: await workspaceVersions([...REQUIRED, ...OPTIONAL]),
    });
  });

  it('compiles, every declaration file checked', () =>
    project.compile(['core.ts', 'optional.ts', 'commonjs.cts']));

  for (const app of ['esm-app.mjs', 'commonjs-app.cjs']) {
    it(`runs ${app}, encrypting in ssh2's native addon`, async (test) => {
      const line = await project.output(app);
      if (!existsSync(project.path(ADDON)) && !(await hasCompiler())) {
        test.skip('there is no C++ compiler');
        return;
      }
      assert.equal(line, "ssh2's native addon is in use\n");
    });
  }

  for (const entry of OPTIONAL_ENTRIES) {
    it(`gives the same nestjs-sftpd${entry} to import and to require`, async () => {
      const { names, message } = await load(project, entry);
      assert.equal(message, undefined);
      assert.ok(names.length > 0);
    });
  }

  it('has S3Backend use the AWS SDK', async () => {
    const { name, message } = await s3Failure(project);
    assert.equal(name, 'S3StartError', message);
    assert.match(message, /endpoint/);
  });
});
