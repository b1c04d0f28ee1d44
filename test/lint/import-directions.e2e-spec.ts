import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const DIRECTIONS = 'sftpd/import-directions';
const NAMED_SSH2 = '@typescript-eslint/no-restricted-imports';

// The snippets are files that do not exist, so the rules that need a TypeScript program are left out.
const eslint = new ESLint({ overrideConfig: tseslint.configs.disableTypeChecked });

/** The messages that one of the two rules has for `code` as the file `file` of the library. */
async function complaints(rule: string, file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: `libs/sftpd/src/${file}` });
  if (result === undefined) throw new Error('ESLint gave no result');
  const fatal = result.messages.find((message) => message.fatal);
  if (fatal) throw new Error(fatal.message);
  return result.messages.filter((found) => found.ruleId === rule).map((found) => found.message);
}

describe('import directions of the library', () => {
  it.each([
    // upwards
    ['server/listener.ts', `import { SftpModule } from '../nest/sftp.module.js';`, 'nest/'],
    ['session/channel.ts', `import { Listener } from '../server/listener.js';`, 'server/'],
    ['session/channel.ts', `import type { Listener } from '../server/listener.js';`, 'server/'],
    ['session/channel.ts', `import { check } from '../auth/static-users.js';`, 'auth/'],
    ['session/channel.ts', `import { M } from '../backends/memory/index.js';`, 'backends/memory/'],
    ['protocol/framing.ts', `import { Channel } from '../session/channel.js';`, 'session/'],
    ['protocol/framing.ts', `import type { A } from '../filesystem/file-info.js';`, 'filesystem/'],
    ['filesystem/path.ts', `import { M } from '../backends/memory/tree.js';`, 'backends/memory/'],
    ['filesystem/path.ts', `import type { Channel } from '../session/channel.js';`, 'session/'],
    ['auth/static-users.ts', `import type { C } from '../server/connection.js';`, 'server/'],
    ['filesystem/path.ts', `import type { Log } from '../events/log.js';`, 'events/'],
    ['backends/memory/tree.ts', `import { Log } from '../../events/log.js';`, 'events/'],
    ['nest/sftp.module.ts', `import { start } from '../testing/index.js';`, 'testing/'],
    ['index.ts', `export { A } from './microservices/index.js';`, 'microservices/'],
    ['nest/a.ts', `import { A } from '../microservices/index.js';`, 'microservices/'],
    ['microservices/a.ts', `import { T } from '../nest/tokens.js';`, 'nest/'],
    ['microservices/a.ts', `import type { Log } from '../events/log.js';`, 'events/'],
    ['microservices/client/a.ts', `import { S } from '../../session/channel.js';`, 'session/'],
    ['microservices/a.ts', `import ssh2 from 'ssh2';`, 'ssh2'],
    ['redis/store.ts', `import { Lockout } from '../server/admission/lockout.js';`, 'import type'],
    ['redis/store.ts', `import type { T } from '../nest/tokens.js';`, 'nest/'],
    ['redis/store.ts', `import { Redis } from 'ioredis';`, 'ioredis'],
    ['redis/store.ts', `import type { Redis } from 'ioredis';`, 'ioredis'],
    ['server/admission/a.ts', `import { R } from '../../redis/index.js';`, 'redis/'],
    ['index.ts', `export { R } from './redis/index.js';`, 'redis/'],
    ['index.ts', `export { runCli } from './cli/run-cli.js';`, 'cli/'],
    ['nest/a.ts', `import { runCli } from '../cli/run-cli.js';`, 'cli/'],
    ['testing/a.ts', `import { runCli } from '../cli/run-cli.js';`, 'cli/'],
    ['server/a.ts', `import { Command } from 'commander';`, 'commander'],
    ['cli/a.ts', `import { T } from '../testing/index.js';`, 'testing/'],
    // sideways, and through the public face
    ['backends/memory/tree.ts', `import { F } from '../folder/index.js';`, 'backends/folder/'],
    ['session/channel.ts', `import { SftpError } from '../index.js';`, 'public face/'],
    ['testing/server.ts', `import { Channel } from '../session/channel.js';`, 'session/'],
    ['testing/server.ts', `import { expect } from '@jest/globals';`, '@jest/globals'],
    // values where only types are allowed
    ['events/log.ts', `import { ROOT_PATH } from '../filesystem/path.js';`, 'import type'],
    [
      'server/listener.ts',
      `import { SftpError } from '../filesystem/sftp-error.js';`,
      'import type',
    ],
    ['auth/keys.ts', `import { SftpError } from '../filesystem/sftp-error.js';`, 'import type'],
    // every way to import
    ['protocol/framing.ts', `export { Channel } from '../session/channel.js';`, 'session/'],
    ['protocol/framing.ts', `export * from '../session/channel.js';`, 'session/'],
    ['protocol/framing.ts', `await import('../session/channel.js');`, 'session/'],
    ['protocol/a.ts', `export type A = import('../session/channel.js').B;`, 'session/'],
    ['protocol/framing.ts', `import '../session/channel.js';`, 'session/'],
    // detours and deeper files
    ['protocol/framing.ts', `import { a } from './../session/channel.js';`, 'session/'],
    ['session/requests/open.ts', `import { a } from '../../server/listener.js';`, 'server/'],
    ['session/channel.ts', `import { a } from '../protocol/../server/listener.js';`, 'server/'],
    ['session/channel.ts', `import { a } from '../../package.json';`, 'outside the library'],
    ['elsewhere/new.ts', `import { a } from '../protocol/framing.js';`, 'does not know'],
    // packages
    ['session/channel.ts', `import ssh2 from 'ssh2';`, 'ssh2'],
    ['protocol/framing.ts', `import type { Channel } from 'ssh2';`, 'ssh2'],
    ['nest/sftp.module.ts', `import ssh2 from 'ssh2';`, 'ssh2'],
    ['server/listener.ts', `import { Logger } from '@nestjs/common';`, '@nestjs/common'],
    ['backends/folder/a.ts', `import { Injectable } from '@nestjs/common';`, '@nestjs/common'],
    ['auth/keys.ts', `import type { Type } from '@nestjs/common';`, '@nestjs/common'],
    ['session/channel.ts', `import { Subject } from 'rxjs';`, 'rxjs'],
    ['session/channel.ts', `import lodash from 'lodash';`, 'lodash'],
    ['protocol/framing.ts', `import { readFile } from 'node:fs/promises';`, 'node:fs/promises'],
  ])('%s: refuses %s', async (file, code, named) => {
    const messages = await complaints(DIRECTIONS, file, code);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(named);
  });

  it.each([
    ['nest/sftp.module.ts', `import { Listener } from '../server/listener.js';`],
    ['nest/sftp.module.ts', `import { Module } from '@nestjs/common';`],
    ['nest/sftp.module.ts', `import { staticUsers } from '../auth/static-users.js';`],
    ['server/listener.ts', `import { Channel } from '../session/channel.js';`],
    ['server/listener.ts', `import { check } from '../auth/static-users.js';`],
    ['server/listener.ts', `import type { Log } from '../events/log.js';`],
    ['server/listener.ts', `import type { SftpSession } from '../filesystem/session.js';`],
    ['server/listener.ts', `import ssh2 from 'ssh2';`],
    ['server/listener.ts', `import net from 'node:net';`],
    ['server/admission/limits.ts', `import { Listener } from '../listener.js';`],
    ['session/channel.ts', `import { decode } from '../protocol/framing.js';`],
    ['session/requests/open.ts', `import { decode } from '../../protocol/framing.js';`],
    ['session/requests/open.ts', `import { HandleTable } from '../handle-table.js';`],
    ['session/channel.ts', `import { SftpError } from '../filesystem/sftp-error.js';`],
    ['protocol/framing.ts', `import { pad } from './numbers.js';`],
    ['events/storage-events.ts', `import type { SftpPath } from '../filesystem/path.js';`],
    ['backends/memory/tree.ts', `import { SftpError } from '../../filesystem/sftp-error.js';`],
    ['backends/folder/a.ts', `import { open } from 'node:fs/promises';`],
    ['microservices/wire/a.ts', `import { SftpError } from '../../filesystem/sftp-error.js';`],
    ['microservices/server/a.ts', `import { MessagePattern } from '@nestjs/microservices';`],
    ['microservices/client/a.ts', `import { timeout } from 'rxjs';`],
    ['redis/store.ts', `import type { L } from '../server/admission/lockout-store.js';`],
    ['auth/keys.ts', `import ssh2 from 'ssh2';`],
    ['auth/keys.ts', `import type { SftpPeer } from '../filesystem/session.js';`],
    ['testing/contract/suite.ts', `import { normalizePath } from '../../filesystem/path.js';`],
    ['testing/server.ts', `import { SftpModule } from '../index.js';`],
    ['testing/server.ts', `import { MemoryBackend } from '../backends/memory/index.js';`],
    ['testing/application/client.ts', `const { default: ssh2 } = await import('ssh2');`],
    ['index.ts', `export { SftpModule } from './nest/sftp.module.js';`],
    ['cli/serve.ts', `import { SftpModule } from '../nest/sftp.module.js';`],
    ['cli/serve.ts', `const { S3Backend } = await import('../backends/s3/index.js');`],
    ['cli/program.ts', `import { Command } from 'commander';`],
    ['session/channel.spec.ts', `import { M } from '../backends/memory/index.js';`],
  ])('%s: allows %s', async (file, code) => {
    expect(await complaints(DIRECTIONS, file, code)).toEqual([]);
  });
});

describe('ssh2, a CommonJS package whose names Node does not find', () => {
  it.each([
    `import { Server } from 'ssh2';`,
    `import ssh2, { utils } from 'ssh2';`,
    `import * as ssh2 from 'ssh2';`,
  ])('refuses %s', async (code) => {
    expect(await complaints(NAMED_SSH2, 'server/listener.ts', code)).not.toEqual([]);
  });

  it.each([
    `import ssh2 from 'ssh2';`,
    `import ssh2, { type Connection } from 'ssh2';`,
    `import type { Connection } from 'ssh2';`,
  ])('allows %s', async (code) => {
    expect(await complaints(NAMED_SSH2, 'server/listener.ts', code)).toEqual([]);
  });
});
