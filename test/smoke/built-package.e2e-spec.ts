import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Child, killChildren, ROOT } from './child.js';

jest.setTimeout(60_000);

const PACKAGE = path.join(ROOT, 'libs', 'sftpd');

afterEach(killChildren);

/** What a plain Node process prints as JSON. */
async function evaluate(inputType: 'module' | 'commonjs', code: string): Promise<unknown> {
  const child = new Child([`--input-type=${inputType}`, '--eval', code]);
  const { code: status, stdout, stderr } = await child.ended;
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function imported(specifier: string): Promise<unknown> {
  const code = `console.log(JSON.stringify(Object.keys(await import('${specifier}'))))`;
  return evaluate('module', code);
}

describe('the built package in plain Node', () => {
  it.each([
    ['nestjs-sftpd', ['SftpModule', 'SftpServer', 'SftpBackend', 'SftpError', 'normalizePath']],
    ['nestjs-sftpd/memory', ['MemoryBackend']],
    ['nestjs-sftpd/folder', ['FolderBackend']],
    ['nestjs-sftpd/microservices', ['SftpBackendClient', 'SftpBackendController']],
    ['nestjs-sftpd/redis', ['RedisLockoutStore']],
    ['nestjs-sftpd/opentelemetry', ['SftpTelemetryModule']],
    ['nestjs-sftpd/terminus', ['SftpHealthIndicator']],
  ])('%s can be imported and exports %j', async (specifier, names) => {
    expect(await imported(specifier)).toEqual(expect.arrayContaining(names));
  });

  it('is what was built and not its sources', async () => {
    const code = `console.log(JSON.stringify(import.meta.resolve('nestjs-sftpd')))`;
    expect(await evaluate('module', code)).toMatch(/\/libs\/sftpd\/dist\/index\.js$/);
  });

  it('can be required from CommonJS, and is the same package then', async () => {
    const code = `
      const required = require('nestjs-sftpd');
      import('nestjs-sftpd').then(({ SftpModule }) => {
        console.log(JSON.stringify([typeof SftpModule, required.SftpModule === SftpModule]));
      });`;
    expect(await evaluate('commonjs', code)).toEqual(['function', true]);
  });

  it('finds and injects a decorated backend', async () => {
    const code = `
      import 'reflect-metadata';
      import { Injectable } from '@nestjs/common';
      import { NestFactory } from '@nestjs/core';
      import ssh2 from 'ssh2';
      import { InjectSftpBackend, SftpBackend, SftpModule } from 'nestjs-sftpd';
      import { MemoryBackend } from 'nestjs-sftpd/memory';
      class Archive extends MemoryBackend {}
      SftpBackend({ name: 'archive', mount: '/archive' })(Archive);
      class Reader { constructor(archive) { this.archive = archive; } }
      Injectable()(Reader);
      InjectSftpBackend('archive')(Reader, undefined, 0);
      // ssh2 spoils one ed25519 key of some two hundred
      const { private: key } = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
      const server = SftpModule.forRoot({
        host: '127.0.0.1', port: 0, hostKeys: { keys: [key] },
        auth: { passwords: [{ username: 'dev', password: 'dev' }] },
      });
      const application = { module: class {}, imports: [server], providers: [Archive, Reader] };
      const app = await NestFactory.createApplicationContext(application, { logger: false });
      console.log(JSON.stringify(app.get(Reader).archive === app.get(Archive)));
      await app.close();`;
    expect(await evaluate('module', code)).toBe(true);
  });

  it.each([
    ['nestjs-sftpd', true],
    ['nestjs-sftpd/memory', false],
    ['nestjs-sftpd/folder', false],
    ['nestjs-sftpd/redis', false],
  ])('%s loads SSH: %s', async (specifier, loads) => {
    const code = `
      import { createRequire } from 'node:module';
      await import('${specifier}');
      const loaded = Object.keys(createRequire(import.meta.resolve('${specifier}')).cache);
      console.log(JSON.stringify(loaded.some((file) => file.includes('/node_modules/ssh2/'))));`;
    expect(await evaluate('module', code)).toBe(loads);
  });
});

describe('an application without the optional packages', () => {
  /** Imports a module where the package cannot be found, and tells how it went. */
  async function importedWithout(specifier: string): Promise<unknown> {
    const hooks = `export async function resolve(name, context, next) {
      if (/^@(nestjs\\/(microservices|terminus)|opentelemetry\\/)/.test(name)) throw new Error('Cannot find package ' + name);
      return next(name, context);
    }`;
    const code = `
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
      const outcome = await import('${specifier}').then(() => 'imported', (error) => error.message);
      console.log(JSON.stringify(outcome));`;
    return evaluate('module', code);
  }

  it.each(['nestjs-sftpd', 'nestjs-sftpd/memory', 'nestjs-sftpd/folder', 'nestjs-sftpd/testing'])(
    'can import %s',
    async (specifier) => {
      expect(await importedWithout(specifier)).toBe('imported');
    },
  );

  it.each([
    ['nestjs-sftpd/microservices', '@nestjs/microservices'],
    ['nestjs-sftpd/opentelemetry', '@opentelemetry/api'],
    ['nestjs-sftpd/terminus', '@nestjs/terminus'],
  ])('is told what %s needs', async (specifier, name) => {
    expect(await importedWithout(specifier)).toContain(name);
  });
});

describe('what npm would publish', () => {
  interface Manifest {
    readonly bin: Record<string, string>;
    readonly exports: Record<string, string | { readonly types: string; readonly default: string }>;
  }

  async function manifest(): Promise<Manifest> {
    return JSON.parse(await readFile(path.join(PACKAGE, 'package.json'), 'utf8')) as Manifest;
  }

  async function packedFiles(): Promise<string[]> {
    const { stdout } = await promisify(execFile)(
      'npm',
      ['pack', '--dry-run', '--json', '--ignore-scripts'],
      {
        cwd: PACKAGE,
      },
    );
    const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
    return (packed?.files ?? []).map((file) => file.path);
  }

  it('holds every file that `exports` and `bin` name to a consumer, and the papers', async () => {
    const { bin, exports } = await manifest();
    const named = Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? [target] : [target.types, target.default],
    );
    const files = await packedFiles();
    expect(named.length).toBeGreaterThan(6);
    expect(files).toEqual(
      expect.arrayContaining([
        ...[...named, ...Object.values(bin)].map((file) => file.replace('./', '')),
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
      ]),
    );
  });

  it('holds compiled modules with their declarations beside papers and program, and nothing else', async () => {
    const files = await packedFiles();
    const others = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'bin/nestjs-sftpd.js'];
    const modules = files.filter((file) => !others.includes(file));
    expect(modules.length).toBeGreaterThan(100);
    expect(
      modules.filter((file) => !/^dist\/([a-z0-9-]+\/)*[a-z0-9.-]+\.(js|d\.ts)$/.test(file)),
    ).toEqual([]);
    const stems = (suffix: string): string[] =>
      modules.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));
    expect(stems('.js').sort()).toEqual(stems('.d.ts').sort());
  });

  it('holds no test, what only tests use, source map or build record', async () => {
    const files = await packedFiles();
    const unwanted = /\.(spec|map|tsbuildinfo)\b|e2e-spec|spec-support|fixtures?\//;
    expect(files.filter((file) => unwanted.test(file))).toEqual([]);
  });
});
