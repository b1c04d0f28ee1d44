import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { killChildren } from '../smoke/child.js';
import { GuideProject } from './support/guide-project.js';

jest.setTimeout(120_000);

const PAGE = 'docs/guides/hardening.md';

/** A server with what the page has, and clients at every door. */
const DRIVER = `
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { FolderBackend } from 'nestjs-sftpd/folder';
import { generateTestKey, SftpTestServer } from 'nestjs-sftpd/testing';
import { hardened } from './hardened.js';
import { KeysOnly } from './keys-only.authenticator.js';
import { partnerChoice } from './partner-choice.js';

const key = generateTestKey();
const users = new KeysOnly();
users.add('north', [key.publicKey]);
users.add('south', ['expiry-time="20200101" ' + key.publicKey]);
users.add('East', [key.publicKey]);
const hostKeys = { keys: [generateTestKey().privateKey] };
const { privateKey } = key;

// The options as they stand: nobody from here is on the list.
const closed = await SftpTestServer.start({ ...hardened, port: 0, hostKeys, auth: users });
await assert.rejects(closed.connect({ username: 'north', privateKey }));
await closed.close();

const files = new FolderBackend({ root: './files', create: true });
const server = await SftpTestServer.start({
  ...hardened,
  port: 0,
  hostKeys,
  access: {},
  auth: users,
  mounts: { '/': files },
  backend: partnerChoice,
});
await assert.rejects(server.connect({ username: 'north', password: 'guessed' }));
await assert.rejects(server.connect({ username: 'nobody', privateKey }));
await assert.rejects(server.connect({ username: 'south', privateKey }), 'the key has expired');
await assert.rejects(async () => {
  // A name that must not become a path: let in, and given no storage.
  const client = await server.connect({ username: 'East', privateKey });
  await client.list('/');
});

const client = await server.connect({ username: 'north', privateKey });
await client.mkdir('/inbox');
await assert.rejects(client.mkdir('/outbox'), { status: 'PERMISSION_DENIED' });
await assert.rejects(client.mkdir('/other'), { status: 'PERMISSION_DENIED' });
await mkdir('./files/partners/north/outbox');
await writeFile('./files/partners/north/outbox/bill.txt', 'bill');
await client.writeFile('/inbox/order.csv', 'order');
await assert.rejects(client.readFile('/inbox/order.csv'), { status: 'PERMISSION_DENIED' });
await assert.rejects(client.remove('/inbox/order.csv'), { status: 'PERMISSION_DENIED' });
await assert.rejects(client.writeFile('/inbox/order.csv', 'x'), { status: 'PERMISSION_DENIED' });
assert.equal((await client.readFile('/outbox/bill.txt')).toString(), 'bill');
await assert.rejects(client.writeFile('/outbox/mine.txt', 'x'), { status: 'PERMISSION_DENIED' });
await server.close();
console.log('All doors were tried');
`;

describe(PAGE, () => {
  let project: GuideProject;

  beforeAll(async () => {
    project = await GuideProject.build(PAGE, [{ file: 'driver.ts', code: DRIVER }]);
  });

  afterAll(async () => {
    await killChildren();
    await project.remove();
  });

  it('has options that a server takes, keys alone, and partners who can do no more than they should', async () => {
    const { code, stdout, stderr } = await project.start('driver.js').ended;
    expect({ code, stderr, stdout: stdout.trim() }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'All doors were tried',
    });
  });
});
