import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findPostgres, PostgresCluster } from '../apps/support/postgres-cluster.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { seededBytes, sha256, sha256OfFile, writeSeeded } from '../support/fixtures.js';
import { SftpByPassword } from '../support/openssh-client.js';
import { Child, killChildren } from './child.js';
import { blocksOf, compile, makeProject } from './support/code-blocks.js';

jest.setTimeout(120_000);

const PAGE = 'docs/guides/custom-backends.md';
const sftp = findProgram('sftp');
const sshpass = findProgram('sshpass');
const postgres = findPostgres();

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'guide-smoke-'));
  const blocks = await blocksOf(PAGE);
  await makeProject(
    directory,
    blocks.map(({ file, code }) => ({ file, code: code.replace('port: 2222', 'port: 0') })),
  );
  const { code, stdout, stderr } = await compile(directory);
  expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: '' });
});

afterEach(() => killChildren());

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

function program(name: string): string {
  return path.join(directory, 'dist', name);
}

/** Starts an example's application. @returns a client of it */
async function start(
  example: string,
  env: Readonly<Record<string, string>> = {},
): Promise<SftpByPassword> {
  const app = new Child([program(example)], { cwd: directory, env });
  const [, port] = await app.output(/Listening on \S+ port (\d+)/);
  return new SftpByPassword(programOf(sshpass), programOf(sftp), Number(port), directory);
}

describe(PAGE, () => {
  it('has a name for every block, and none twice', async () => {
    const names = (await blocksOf(PAGE)).map(({ file }) => file);
    expect(names.filter((name) => name.startsWith('block-'))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['notes.contract.js', 150],
    ['notes.client.js', 1],
  ])('has tests in %s that pass', async (name, least) => {
    const { code, stdout } = await new Child(['--test', program(name)]).ended;
    expect({ code, failed: /^# fail (\d+)$/m.exec(stdout)?.[1] }).toEqual({ code: 0, failed: '0' });
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(least);
  });
});

whereUsable('The guide with OpenSSH sftp', [sftp, sshpass], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('the examples, used by sftp', () => {
    describe('reports over an HTTP API', () => {
      const report = seededBytes(300_000, 1);
      let api: Server;
      let client: SftpByPassword;

      beforeAll(async () => {
        const reports = [
          { name: 'a report.csv', size: report.length, updatedAt: '2026-01-02T03:04:05Z' },
        ];
        api = createServer(({ url }, response) => {
          if (url === '/reports') response.end(JSON.stringify(reports));
          else if (url === '/reports/a%20report.csv') response.end(report);
          else response.writeHead(404).end();
        }).listen(0, '127.0.0.1');
        await once(api, 'listening');
      });

      afterAll(async () => {
        api.close();
        await once(api, 'close');
      });

      async function serve(): Promise<void> {
        const { port } = api.address() as AddressInfo;
        client = await start('reports.app.js', { REPORTS_API: `http://127.0.0.1:${port}` });
      }

      it('are listed and read', async () => {
        await serve();
        expect(await client.ok('ls -l')).toMatch(
          /^-r--r--r-- .* 300000 .*Jan.* 2 .*a report\.csv$/m,
        );
        await client.ok('get "a report.csv" report.csv');
        expect(await sha256OfFile(path.join(directory, 'report.csv'))).toBe(sha256(report));
      });

      it('cannot be changed, and missing ones are missing', async () => {
        await serve();
        await writeFile(path.join(directory, 'mine.csv'), 'mine');
        for (const change of [
          'put mine.csv',
          'rm "a report.csv"',
          'mkdir d',
          'rename "a report.csv" x',
        ]) {
          expect(await client.failing(change)).toMatch(/Permission denied|Read-only file system/i);
        }
        expect(await client.failing('get missing.csv')).toMatch(/not found|No such file/);
        expect(await client.failing('ls missing')).toMatch(/not found|No such file/);
      });
    });

    it('notes in a key-value store take files and directories, and no file above the limit', async () => {
      const client = await start('notes.app.js');
      const digest = await writeSeeded(path.join(directory, 'up.bin'), 700_000, 2);
      await client.ok(
        'mkdir notes',
        'put up.bin notes/up.bin',
        'rename notes kept',
        'get kept/up.bin down.bin',
      );
      expect(await sha256OfFile(path.join(directory, 'down.bin'))).toBe(digest);
      await writeSeeded(path.join(directory, 'long.bin'), 1_100_000, 3);
      await client.failing('put long.bin');
      expect(await client.ok('ls -1')).not.toContain('long.bin');
      await client.failing('rmdir kept');
      await client.ok('rm kept/up.bin', 'rmdir kept');
    });
  });
});

whereUsable('The guide with PostgreSQL', [sftp, sshpass, postgres], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('the inbox in PostgreSQL', () => {
    let cluster: PostgresCluster;

    beforeAll(async () => {
      cluster = await PostgresCluster.create(programOf(postgres));
    });

    afterAll(() => cluster.remove());

    it('takes files, gives them back, and keeps what it has received', async () => {
      const DATABASE_URL = await cluster.createDatabase('inbox');
      const client = await start('inbox.app.js', { DATABASE_URL });
      const digest = await writeSeeded(path.join(directory, 'order.bin'), 5_000_000, 4);
      await client.ok('put order.bin', 'get order.bin received.bin');
      expect(await sha256OfFile(path.join(directory, 'received.bin'))).toBe(digest);
      await writeSeeded(path.join(directory, 'order.bin'), 10, 5);
      for (const change of ['put order.bin', 'rm order.bin', 'mkdir d', 'rename order.bin x']) {
        expect(await client.failing(change)).toMatch(/Permission denied/);
      }
      expect(await cluster.query('inbox', 'SELECT name, size FROM inbox')).toEqual([
        { name: 'order.bin', size: '5000000' },
      ]);
      expect((await readFile(path.join(directory, 'received.bin'))).length).toBe(5_000_000);
    });

    it('keeps nothing of an upload whose server is killed', async () => {
      const DATABASE_URL = await cluster.createDatabase('killed');
      const client = await start('inbox.app.js', { DATABASE_URL });
      await writeSeeded(path.join(directory, 'large.bin'), 60_000_000, 6);
      const failed = client.failing('put large.bin');
      await cluster.until(
        'killed',
        'SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL',
      );
      await killChildren();
      await failed;
      await cluster.until(
        'killed',
        'SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_xid IS NOT NULL)',
      );
      const rows = await cluster.query(
        'killed',
        'SELECT oid FROM pg_largeobject_metadata UNION ALL SELECT oid FROM inbox',
      );
      expect(rows).toEqual([]);
    });
  });
});
