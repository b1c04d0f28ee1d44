import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { killChildren } from '../smoke/child.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { seededBytes, sha256, sha256OfFile, writeSeeded } from '../support/fixtures.js';
import { SftpByPassword } from '../support/openssh-client.js';
import { putFile } from '../support/raw-files.js';
import { close, open, read, write } from '../support/raw-requests.js';
import { outcomeOf, type RawSftpClient } from '../support/raw-sftp-client.js';
import { FXF } from '../support/raw-wire.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { isListening } from '../server/support/tcp-peer.js';
import { findPostgres, PostgresCluster } from './support/postgres-cluster.js';
import { AUTHORIZATION, RunningDocuments } from './support/running-documents.js';

jest.setTimeout(60_000);

const UPLOAD = FXF.WRITE | FXF.CREAT | FXF.TRUNC;
const PIECE = 32_768;
const POLL_MS = 50;

const postgres = findPostgres();
const sftp = findProgram('sftp');
const sshpass = findProgram('sshpass');

whereUsable('PostgreSQL with OpenSSH sftp', [postgres, sftp, sshpass], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('the documents application', () => {
    let cluster: PostgresCluster;
    let directory: TempDir;
    let databases = 0;
    let database: string;
    let app: RunningDocuments;

    beforeAll(async () => {
      directory = await makeTempDir();
      cluster = await PostgresCluster.create(programOf(postgres));
    });

    afterEach(() => killChildren());

    afterAll(async () => {
      await cluster.remove();
      await directory.remove();
    });

    /** Starts the application on an empty database. */
    async function start(env: Record<string, string> = {}): Promise<void> {
      databases += 1;
      database = `documents_${databases}`;
      await cluster.createDatabase(database);
      await restart(env);
    }

    /** Starts it on the database of before. */
    async function restart(env: Record<string, string> = {}): Promise<void> {
      app = await RunningDocuments.start(directory.path, {
        DATABASE_URL: cluster.url(database),
        ...env,
      });
    }

    async function count(table: string): Promise<number> {
      const [row] = await cluster.query<{ count: string }>(
        database,
        `SELECT count(*) AS count FROM ${table}`,
      );
      return Number(row?.count);
    }

    /** Runs OpenSSH's sftp with commands that must all succeed. */
    function batch(...lines: string[]): Promise<string> {
      const programs = [programOf(sshpass), programOf(sftp)] as const;
      return new SftpByPassword(...programs, app.sftpPort, directory.path).ok(...lines);
    }

    /** Starts an upload by SFTP of which so many bytes have been acknowledged. */
    async function beginUpload(
      channel: RawSftpClient,
      path: string,
      content: Buffer,
    ): Promise<Buffer> {
      const handle = await channel.handle(open(path, UPLOAD));
      for (let offset = 0; offset < content.length; offset += PIECE) {
        await channel.ok(write(handle, offset, content.subarray(offset, offset + PIECE)));
      }
      return handle;
    }

    it('shows by HTTP at once what SFTP has stored', async () => {
      await start();
      const digest = await writeSeeded(join(directory.path, 'up.bin'), 3_000_001, 1);
      await batch('mkdir inbox', 'put up.bin inbox/report.bin');
      const { documents } = await app.list('/inbox');
      expect(documents).toEqual([
        {
          path: '/inbox/report.bin',
          type: 'regular',
          size: 3_000_001,
          modifiedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        },
      ]);
      expect(sha256(await app.download('/inbox/report.bin'))).toBe(digest);
      await batch('rename inbox/report.bin inbox/read.bin');
      expect(await app.paths('/inbox')).toEqual(['/inbox/read.bin']);
      await batch('rm inbox/read.bin', 'rmdir inbox');
      expect(await app.paths('/')).toEqual([]);
      expect(await count('pg_largeobject_metadata')).toBe(0);
    });

    it('shows by SFTP at once what HTTP has stored', async () => {
      await start();
      const content = seededBytes(3_000_001, 2);
      const response = await app.post('/by http.bin', content);
      expect(response.status).toBe(201);
      expect(await response.json()).toMatchObject({ path: '/by http.bin', size: 3_000_001 });
      expect(await batch('ls -l')).toMatch(/ 3000001 .* by http\.bin$/m);
      await batch('get "by http.bin" down.bin');
      expect(await sha256OfFile(join(directory.path, 'down.bin'))).toBe(sha256(content));
    });

    it('resumes an upload and keeps modes and times, as sftp asks', async () => {
      await start();
      const digest = await writeSeeded(join(directory.path, 'whole.bin'), 500_000, 3);
      await app.post('/whole.bin', seededBytes(500_000, 3).subarray(0, 200_000));
      await batch('reput whole.bin whole.bin', 'chmod 640 whole.bin');
      expect(sha256(await app.download('/whole.bin'))).toBe(digest);
      expect(await batch('ls -l whole.bin')).toMatch(/^-rw-r----- .* 500000 /m);
    });

    it('answers HTTP mistakes with a status and a reason', async () => {
      await start();
      await app.post('/f', 'first');
      const outcome = async (response: Promise<Response>): Promise<number> =>
        (await response).status;
      expect(await outcome(app.post('/f', 'second'))).toBe(409);
      expect((await app.download('/f')).toString()).toBe('first');
      expect(await outcome(app.post('/f', 'second', '&overwrite=true'))).toBe(201);
      expect((await app.download('/f')).toString()).toBe('second');
      expect(await outcome(app.post('/missing/f', 'x'))).toBe(404);
      expect(await outcome(app.post('/f/below', 'x'))).toBe(409);
      expect(await outcome(app.post('/f', 'x', '&overwrite=perhaps'))).toBe(400);
      expect(await outcome(app.post('', 'x'))).toBe(400);
      expect(await outcome(app.fetch(app.contentUrl('/missing')))).toBe(404);
      expect(await outcome(app.fetch(app.contentUrl('/')))).toBe(409);
      const response = await app.fetch(app.contentUrl('/../..//missing'));
      expect(await response.json()).toEqual({
        statusCode: 404,
        error: 'ENOENT',
        message: 'No such file or directory',
      });
    });

    it('lets in by HTTP nobody without the password', async () => {
      await start();
      await app.post('/f', 'secret');
      for (const Authorization of ['', 'Basic !', 'Bearer x', basic('dev:wrong'), basic('dev')]) {
        const response = await app.fetch(app.contentUrl('/f'), { headers: { Authorization } });
        expect(response.status).toBe(401);
        expect(response.headers.get('WWW-Authenticate')).toMatch(/^Basic /);
        expect(await response.text()).not.toContain('secret');
      }
    });

    it('lists by HTTP part by part', async () => {
      await start();
      for (const name of ['a', 'b', 'c', 'd', 'e']) await app.post(`/${name}`, name);
      const first = await app.list('/', '&limit=2');
      expect(first.documents.map(({ path }) => path)).toEqual(['/a', '/b']);
      const second = await app.list('/', `&limit=2&after=${String(first.next)}`);
      expect(second.documents.map(({ path }) => path)).toEqual(['/c', '/d']);
      const third = await app.list('/', `&limit=2&after=${String(second.next)}`);
      expect(third).toEqual({ documents: [expect.objectContaining({ path: '/e' })] });
    });

    it('keeps nothing of an HTTP upload that was cut off', async () => {
      await start();
      const upload = request(app.contentUrl('/cut.bin'), {
        method: 'POST',
        headers: { Authorization: AUTHORIZATION, 'Content-Length': 1_000_000 },
      });
      upload.on('error', () => undefined);
      upload.write(seededBytes(300_000, 4));
      await untilUploading(1);
      upload.destroy();
      await untilUploading(0);
      expect(await app.paths('/')).toEqual([]);
      expect(await count('pg_largeobject_metadata')).toBe(0);
    });

    it('shows nothing half-stored after kill -9 in the middle of uploads', async () => {
      await start();
      await app.post('/old.bin', 'old content');
      const channel = await app.channel();
      await beginUpload(channel, '/new.bin', seededBytes(1_000_000, 5));
      await beginUpload(channel, '/old.bin', seededBytes(1_000_000, 6));
      app.process.kill('SIGKILL');
      await app.process.ended;

      await restart();
      expect(await app.paths('/')).toEqual(['/old.bin']);
      expect((await app.download('/old.bin')).toString()).toBe('old content');
      await untilUploading(0);
      expect(await count('pg_largeobject_metadata')).toBe(1);
      const digest = await writeSeeded(join(directory.path, 'again.bin'), 1_000_000, 5);
      await batch('put again.bin new.bin');
      expect(sha256(await app.download('/new.bin'))).toBe(digest);
    });

    it('fails an upload that has lost its database connection, and goes on', async () => {
      await start();
      const channel = await app.channel();
      const content = seededBytes(20 * PIECE, 7);
      const lost = await beginUpload(channel, '/f.bin', content);
      await loseConnections();
      const outcomes = [
        await channel.outcome(write(lost, content.length, Buffer.from('more'))),
        await channel.outcome(close(lost)),
      ];
      expect(outcomes.at(-1)).toBe('FAILURE');
      expect(await app.paths('/')).toEqual([]);
      expect(await count('pg_largeobject_metadata')).toBe(0);

      await putFile(channel, '/f.bin', content);
      expect(sha256(await app.download('/f.bin'))).toBe(sha256(content));
    });

    it('fails a CLOSE whose commit cannot be', async () => {
      await start();
      const channel = await app.channel();
      const lost = await beginUpload(channel, '/f.bin', seededBytes(5 * PIECE, 8));
      await loseConnections();
      expect(await channel.outcome(close(lost))).toBe('FAILURE');
      expect(await app.paths('/')).toEqual([]);
    });

    it('goes on with a download that has lost its database connections in between', async () => {
      await start();
      const content = seededBytes(4_000_000, 9);
      await app.post('/f.bin', content);
      const channel = await app.channel();
      const handle = await channel.handle(open('/f.bin', FXF.READ));
      const first = await channel.data(read(handle, 0, PIECE));
      await loseConnections();
      const reply = await channel.request(read(handle, 3_000_000, PIECE));
      expect(['DATA', 'FAILURE']).toContain(outcomeOf(reply));
      const again = await channel.data(read(handle, 3_000_000, PIECE));
      expect(first.equals(content.subarray(0, first.length))).toBe(true);
      expect(again.equals(content.subarray(3_000_000, 3_000_000 + again.length))).toBe(true);
    });

    it('refuses more uploads than its limit with a reason, and serves all else', async () => {
      await start({ MAX_UPLOADS: '2', DATABASE_POOL_SIZE: '3', UPLOAD_WAIT_SECONDS: '0' });
      const channel = await app.channel();
      const one = await beginUpload(channel, '/1', seededBytes(PIECE, 1));
      const two = await beginUpload(channel, '/2', seededBytes(PIECE, 2));
      expect(await channel.request(open('/3', UPLOAD))).toMatchObject({
        status: 'FAILURE',
        message: 'Too many uploads at a time; try again later',
      });
      const refused = await app.post('/4', 'x');
      expect(refused.status).toBe(503);
      expect(await app.paths('/')).toEqual([]);
      await channel.ok(close(one));
      await channel.ok(close(two));
      expect((await app.post('/4', 'x')).status).toBe(201);
      expect(await app.paths('/')).toEqual(['/1', '/2', '/4']);
    });

    it('lets running transfers end when it is asked to, and closes its connections then', async () => {
      await start({ DRAIN_SECONDS: '30' });
      const channel = await app.channel();
      const content = seededBytes(10 * PIECE, 10);
      const handle = await beginUpload(channel, '/f.bin', content);
      app.process.kill('SIGTERM');
      await refusing(app.sftpPort);
      await channel.ok(write(handle, content.length, Buffer.from('the end')));
      await channel.ok(close(handle));
      expect(await app.process.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
      expect(await cluster.connections(database, 'documents')).toEqual([]);
      await restart();
      const expected = Buffer.concat([content, Buffer.from('the end')]);
      expect(sha256(await app.download('/f.bin'))).toBe(sha256(expected));
    });

    it('ends in time with uploads that do not, and keeps nothing of them', async () => {
      await start({ DRAIN_SECONDS: '1' });
      const channel = await app.channel();
      await beginUpload(channel, '/by-sftp.bin', seededBytes(PIECE, 11));
      const upload = request(app.contentUrl('/by-http.bin'), {
        method: 'POST',
        headers: { Authorization: AUTHORIZATION, 'Content-Length': 1_000_000 },
      });
      upload.on('error', () => undefined);
      upload.write(seededBytes(PIECE, 12));
      await untilUploading(2);
      expect(await app.stop()).toMatchObject({ code: 0, signal: null });
      expect(await cluster.connections(database, 'documents')).toEqual([]);
      await restart();
      expect(await app.paths('/')).toEqual([]);
      expect(await count('pg_largeobject_metadata')).toBe(0);
    });

    it('tells what is wrong with its variables, and ends with 1', async () => {
      const child = RunningDocuments.spawn(directory.path, { HTTP_PORT: 'x' });
      expect(await child.ended).toMatchObject({
        code: 1,
        stderr:
          'DATABASE_URL must be set, to postgresql://USER:PASSWORD@HOST:PORT/DATABASE\n' +
          'HTTP_PORT must be a whole number from 0 to 65535, not "x"\n',
      });
    });

    it('tells that its database cannot be used, and ends with 1', async () => {
      const DATABASE_URL = cluster.url('there_is_none');
      const child = RunningDocuments.spawn(directory.path, { DATABASE_URL });
      const { code, stderr } = await child.ended;
      expect(code).toBe(1);
      expect(stderr).toContain(
        'The application could not start: The database cannot be used: database "there_is_none" does not exist\n',
      );
    });

    /** Ends all connections of the application, as a failing server or an administrator does. */
    async function loseConnections(): Promise<void> {
      await cluster.query(
        'postgres',
        `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '${database}'`,
      );
    }

    /** Waits until so many uploads hold a transaction that has written something. */
    function untilUploading(wanted: number): Promise<void> {
      return cluster.until(
        'postgres',
        `SELECT count(*) FROM pg_stat_activity
         WHERE datname = '${database}' AND backend_xid IS NOT NULL HAVING count(*) = ${wanted}`,
      );
    }
  });
});

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** Waits until nothing listens on a port any more. */
async function refusing(port: number): Promise<void> {
  while (await isListening(port)) await setTimeout(POLL_MS);
}
