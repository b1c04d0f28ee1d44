'use strict';

/*
 * The application that both `esm-app.mjs` and `commonjs-app.cjs` run. It takes the packages as its parameters, so
 * that each of the two loads them in its own way. It knows nothing of the package but what is documented.
 */
const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { readFile, rm } = require('node:fs/promises');
const path = require('node:path');
const { promisify } = require('node:util');

const USER = { username: 'dev', password: 'dev' };
const FOLDER = path.resolve('files');

/** Long enough for several packets, and of no round length. */
const CONTENT_BYTES = 1_000_003;

/**
 * Starts a server over three backends - in memory, a folder, and a decorated provider -, puts a file into each with
 * ssh2's client, gets it back, and ends the application.
 *
 * @param packages `nest` is `@nestjs/common` and `@nestjs/core` in one, `sftpd`, `memory` and `folder` are those of
 *   the package, `Client` is ssh2's
 * @returns the line of the server's log that tells whether ssh2's native addon is in use
 */
exports.roundTrips = async ({ nest, sftpd, memory, folder, Client }) => {
  const { Injectable, Module, NestFactory } = nest;
  const { InjectSftpBackend, OnSftpEvent, SftpBackend, SftpModule, SftpServer } = sftpd;

  class Archive extends memory.MemoryBackend {}
  SftpBackend({ name: 'archive', mount: '/archive' })(Archive);

  class Watcher {
    uploads = [];
    constructor(archive) {
      this.archive = archive;
    }
    onUpload(event) {
      this.uploads.push(event.path);
    }
  }
  Injectable()(Watcher);
  InjectSftpBackend('archive')(Watcher, undefined, 0);
  const method = Object.getOwnPropertyDescriptor(Watcher.prototype, 'onUpload');
  OnSftpEvent('upload.completed')(Watcher.prototype, 'onUpload', method);

  class Authenticator {
    authenticatePassword(username, password) {
      return username === USER.username && password === USER.password && { tenant: 'north' };
    }
  }
  Injectable()(Authenticator);

  class App {}
  Module({
    imports: [
      SftpModule.forRoot({
        host: '127.0.0.1',
        port: 0,
        hostKeys: { directory: './host-keys', create: true },
        auth: Authenticator,
        mounts: {
          '/': new memory.MemoryBackend(),
          '/folder': new folder.FolderBackend({ root: FOLDER, create: true }),
        },
      }),
    ],
    providers: [Archive, Watcher],
  })(App);

  const lines = [];
  const ignored = () => undefined;
  const logger = {
    log: ignored,
    warn: (message) => process.stderr.write(`${message}\n`),
    error: (message) => process.stderr.write(`${message}\n`),
    debug: (message) => lines.push(message),
  };
  await rm(FOLDER, { recursive: true, force: true });
  const app = await NestFactory.createApplicationContext(App, { logger, abortOnError: false });
  const { port } = app.get(SftpServer, { strict: false }).address();
  await transfer(Client, port, ['/memory.bin', '/folder/folder.bin', '/archive/archive.bin']);
  const watcher = app.get(Watcher);
  assert.deepEqual(watcher.uploads, ['/memory.bin', '/folder/folder.bin', '/archive/archive.bin']);
  assert.equal(watcher.archive, app.get(Archive));
  await app.close();

  const told = lines.filter((line) => line.includes('native addon'));
  assert.equal(told.length, 1, `one line tells of the native addon: ${told.join('; ')}`);
  return told[0];
};

/** Puts a file under each of the paths, gets it back and compares. */
async function transfer(Client, port, paths) {
  const client = new Client();
  client.connect({ host: '127.0.0.1', port, ...USER });
  await once(client, 'ready');
  const sftp = await promisify(client.sftp.bind(client))();
  const write = promisify(sftp.writeFile.bind(sftp));
  const read = promisify(sftp.readFile.bind(sftp));
  for (const file of paths) {
    const content = randomBytes(CONTENT_BYTES);
    await write(file, content);
    assert.ok(content.equals(await read(file)), `${file} came back as it was sent`);
    if (file.startsWith('/folder/')) {
      const stored = await readFile(path.join(FOLDER, path.basename(file)));
      assert.ok(content.equals(stored), `${file} is in the folder as it was sent`);
    }
  }
  client.end();
  await once(client, 'close');
}
