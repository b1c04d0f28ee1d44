import path from 'node:path';

import { afterEach, describe, expect, it, jest } from '@jest/globals';
import ssh2 from 'ssh2';

import { ed25519KeyPair } from '../support/key-pair.js';
import { type RawServer, startRawServer } from '../support/raw-server.js';
import { runFailing, runOk } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

jest.setTimeout(90_000);

const SCRIPT = path.join(import.meta.dirname, 'audit-ssh.mjs');

let home: TempDir | undefined;
let server: RawServer | undefined;

afterEach(async () => {
  await server?.stop();
  await home?.remove();
  server = undefined;
});

describe('ssh-audit', () => {
  it('finds no failure in the built gateway', async () => {
    home = await makeTempDir();
    const { stdout } = await runOk(process.execPath, [SCRIPT], { home: home.path });
    expect(stdout).toMatch(/^\(kex\) curve25519-sha256 /m);
    expect(stdout).toMatch(/^\(key\) ssh-ed25519 /m);
    expect(stdout).toMatch(/^\(key\) rsa-sha2-512 \(3072-bit\)/m);
    expect(stdout).not.toContain('[fail]');
  });

  it('finds them in a server for old partners, and the script fails', async () => {
    home = await makeTempDir();
    const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 3072 }).private;
    const hostKeys = { keys: [ed25519KeyPair().private, rsa] };
    server = await startRawServer({ options: { algorithms: 'legacy', hostKeys } });
    const { stdout } = await runFailing(process.execPath, [SCRIPT, `127.0.0.1:${server.port}`], {
      home: home.path,
    });
    expect(stdout).toMatch(/^\(key\) ssh-rsa \(3072-bit\) +-- \[fail\]/m);
  });

  it('has to have reported: a server that is not there fails too', async () => {
    home = await makeTempDir();
    server = await startRawServer();
    const { port } = server;
    await server.stop();
    server = undefined;
    await runFailing(process.execPath, [SCRIPT, `127.0.0.1:${port}`], { home: home.path });
  });
});
