import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { normalizePath, ROOT_PATH, SftpError } from 'nestjs-sftpd';
import { programOf, whereUsable } from '../support/client-tools.js';
import { seededBytes } from '../support/fixtures.js';
import { codeOf, Documents } from './support/documents.js';
import { findPostgres, PostgresCluster } from './support/postgres-cluster.js';

jest.setTimeout(60_000);

const UPLOADS = 3;
const OVERWRITE = { overwrite: true };
const at = normalizePath;

const postgres = findPostgres();

whereUsable('PostgreSQL', [postgres], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('DocumentsBackend', () => {
    let cluster: PostgresCluster;
    let documents: Documents;

    beforeAll(async () => {
      cluster = await PostgresCluster.create(programOf(postgres));
      documents = await Documents.start(await cluster.createDatabase('documents'), {
        MAX_UPLOADS: String(UPLOADS),
        DATABASE_POOL_SIZE: String(UPLOADS + 2),
      });
    });

    afterEach(() => documents.clear());

    afterAll(async () => {
      await documents.close();
      await cluster.remove();
    });

    function begin(path: string, exclusive = false) {
      return documents.backend.beginWrite(at(path), { exclusive });
    }

    /**
     * Ends the connections of uploads under way, as a failing server or an administrator does. Those that nobody
     * uses stay: the pool learns of their end later than this call returns, and hands one out until then.
     */
    async function loseConnections(): Promise<void> {
      await cluster.query(
        'postgres',
        `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE application_name = 'documents' AND state = 'idle in transaction'`,
      );
    }

    describe('an upload', () => {
      it('shows nothing before its end, and all of it after it', async () => {
        const content = seededBytes(700_001, 1);
        const writer = await begin('/f');
        await writer.write(0, content.subarray(0, 300_000));
        await writer.write(300_000, content.subarray(300_000));
        expect(await documents.names('/')).toEqual([]);
        expect(await codeOf(documents.backend.fileInfo(at('/f')))).toBe('ENOENT');
        await writer.finish();
        expect((await documents.get('/f')).equals(content)).toBe(true);
      });

      it('that is aborted leaves nothing, not even a large object', async () => {
        const writer = await begin('/f');
        await writer.write(0, Buffer.from('part'));
        await writer.abort();
        expect(await documents.names('/')).toEqual([]);
        expect(await documents.largeObjects()).toBe(0);
      });

      it('that replaces a file removes the old content, and keeps the mode', async () => {
        await documents.put('/f', 'old content');
        await documents.backend.setAttributes(at('/f'), { mode: 0o600 });
        await documents.put('/f', 'new');
        expect((await documents.get('/f')).toString()).toBe('new');
        expect(await documents.backend.fileInfo(at('/f'))).toMatchObject({ size: 3, mode: 0o600 });
        expect(await documents.largeObjects()).toBe(1);
      });

      it('out of order is refused, and what was begun can be aborted', async () => {
        const writer = await begin('/f');
        expect(await codeOf(writer.write(5, Buffer.from('x')))).toBe('EINVAL');
        await writer.abort();
      });

      it('to one name by several at once leaves one file, whole', async () => {
        const contents = [1, 2, 3].map((seed) => seededBytes(50_000 + seed, seed));
        await Promise.all(contents.map((content) => documents.put('/f', content)));
        const stored = await documents.get('/f');
        expect(contents.some((content) => stored.equals(content))).toBe(true);
        expect(await documents.largeObjects()).toBe(1);
      });

      it('to one new name, exclusive, succeeds for exactly one', async () => {
        const writers = [await begin('/f', true), await begin('/f', true), await begin('/f', true)];
        const outcomes = await Promise.all(writers.map((writer) => codeOf(writer.finish())));
        expect(outcomes.sort()).toEqual(['EEXIST', 'EEXIST', 'ok']);
        expect(await documents.largeObjects()).toBe(1);
      });

      it('whose directory is removed meanwhile is ENOENT', async () => {
        await documents.backend.makeDir(at('/d'), {});
        const writer = await begin('/d/f');
        await documents.backend.delDir(at('/d'));
        expect(await codeOf(writer.finish())).toBe('ENOENT');
        expect(await documents.largeObjects()).toBe(0);
      });

      it('whose name becomes a directory meanwhile is EISDIR', async () => {
        const writer = await begin('/f');
        await documents.backend.makeDir(at('/f'), {});
        expect(await codeOf(writer.finish())).toBe('EISDIR');
        expect(await documents.largeObjects()).toBe(0);
      });

      it('above the limit waits for another to end', async () => {
        const [one, two, three] = await Promise.all([begin('/1'), begin('/2'), begin('/3')]);
        let admitted = false;
        const fourth = begin('/4').then((writer) => {
          admitted = true;
          return writer;
        });
        // All else still has its connections.
        expect(await documents.names('/')).toEqual([]);
        await documents.backend.makeDir(at('/d'), {});
        expect(admitted).toBe(false);
        await one.finish();
        await (await fourth).finish();
        await two.abort();
        await three.finish();
        expect(await documents.names('/')).toEqual(['1', '3', '4', 'd']);
      });

      it('above the limit is EAGAIN, and says why, when none ends in time', async () => {
        const hasty = await Documents.start(cluster.url('documents'), {
          MAX_UPLOADS: '1',
          UPLOAD_WAIT_SECONDS: '0',
        });
        const writer = await hasty.backend.beginWrite(at('/1'), { exclusive: false });
        await expect(hasty.put('/2', 'x')).rejects.toMatchObject({
          code: 'EAGAIN',
          message: 'Too many uploads at a time; try again later',
        });
        await writer.finish();
        await hasty.put('/2', 'there is room again');
        await hasty.close();
      });
    });

    describe('a document that is read from its begin to its end', () => {
      const content = seededBytes(600_000, 7);

      async function opened(): Promise<AsyncIterator<Buffer>> {
        await documents.put('/f', content);
        const document = await documents.backend.open(at('/f'));
        expect(document.info.size).toBe(content.length);
        return document.content[Symbol.asyncIterator]();
      }

      it('comes piece by piece', async () => {
        const pieces: Buffer[] = [];
        const iterator = await opened();
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
          pieces.push(next.value);
        }
        expect(pieces.length).toBeGreaterThan(1);
        expect(Buffer.concat(pieces).equals(content)).toBe(true);
      });

      it('is never mixed with the one that replaces it: it breaks off', async () => {
        const iterator = await opened();
        await iterator.next();
        await documents.put('/f', seededBytes(600_000, 8));
        expect(await codeOf(iterator.next())).toBe('ENOENT');
      });
    });

    describe('a lost connection', () => {
      it('between two writes fails the next one, and nothing of the upload stays', async () => {
        const writer = await begin('/f');
        await writer.write(0, seededBytes(100_000, 1));
        await loseConnections();
        expect(await codeOf(writer.write(100_000, Buffer.from('x')))).toBe('EIO');
        await writer.abort();
        expect(await documents.names('/')).toEqual([]);
        expect(await documents.largeObjects()).toBe(0);
      });

      it('before the end fails the end, and an existing file stays', async () => {
        await documents.put('/f', 'old');
        const writer = await begin('/f');
        await writer.write(0, Buffer.from('new'));
        await loseConnections();
        expect(await codeOf(writer.finish())).toBe('EIO');
        expect((await documents.get('/f')).toString()).toBe('old');
      });

      it('gives its slot back: as many uploads as before can run', async () => {
        const lost = await Promise.all([begin('/1'), begin('/2'), begin('/3')]);
        await loseConnections();
        await Promise.all(lost.map((writer) => writer.abort()));
        const writers = await Promise.all([begin('/1'), begin('/2'), begin('/3')]);
        await Promise.all(writers.map((writer) => writer.finish()));
        expect(await documents.names('/')).toEqual(['1', '2', '3']);
      });
    });

    describe('directories', () => {
      it('that move into each other at once never end in a circle', async () => {
        for (let round = 0; round < 10; round += 1) {
          await documents.backend.makeDir(at('/a'), {});
          await documents.backend.makeDir(at('/b'), {});
          const outcomes = await Promise.all([
            codeOf(documents.backend.rename(at('/a'), at('/b/a'), OVERWRITE)),
            codeOf(documents.backend.rename(at('/b'), at('/a/b'), OVERWRITE)),
          ]);
          expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
          expect(await documents.names('/')).toHaveLength(1);
          await documents.clear();
        }
      });

      it('are moved with a thousand files by the change of one row', async () => {
        await documents.backend.makeDir(at('/d'), {});
        await documents.postgres.query(
          `INSERT INTO documents (parent, name, mode, oid)
           SELECT d.id, 'file-' || n, 420, lo_create(0)
           FROM documents d, generate_series(1, 1000) n WHERE d.name = 'd'`,
        );
        const versions = (): Promise<unknown> =>
          documents.postgres.query(`SELECT xmin FROM documents WHERE name LIKE 'file-%'`);
        const before = await versions();
        await documents.backend.rename(at('/d'), at('/e'), OVERWRITE);
        expect(await documents.names('/e')).toHaveLength(1000);
        expect(await versions()).toEqual(before);
      });

      it('that are removed while a file comes into them are kept, or the file is refused', async () => {
        for (let round = 0; round < 10; round += 1) {
          await documents.backend.makeDir(at('/d'), {});
          const writer = await begin('/d/f');
          const outcomes = await Promise.all([
            codeOf(writer.finish()),
            codeOf(documents.backend.delDir(at('/d'))),
          ]);
          expect([
            ['ok', 'ENOTEMPTY'],
            ['ENOENT', 'ok'],
          ]).toContainEqual(outcomes);
          await documents.clear();
        }
      });

      it('are listed page by page in the order of the names, also from the middle', async () => {
        await documents.postgres.query(
          `INSERT INTO documents (parent, name, mode) SELECT 0, 'dir-' || lpad(n::text, 4, '0'), 493
           FROM generate_series(1, 1201) n`,
        );
        const all = await documents.names('/');
        expect(all).toHaveLength(1201);
        expect(all).toEqual([...all].sort());
        const page = await documents.backend.page(ROOT_PATH, { after: 'dir-0600', limit: 3 });
        expect(page.map(({ name }) => name)).toEqual(['dir-0601', 'dir-0602', 'dir-0603']);
      });
    });

    it('finds and lists by an index among many rows', async () => {
      await documents.postgres.query(
        `INSERT INTO documents (parent, name, mode) SELECT 0, 'dir-' || n, 493 FROM generate_series(1, 20000) n`,
      );
      await documents.postgres.query('ANALYZE documents');
      const plans: string[] = [];
      const explaining = {
        query: async (text: string, values?: readonly unknown[]): Promise<never[]> => {
          const rows = await documents.postgres.query<{ 'QUERY PLAN': string }>(
            `EXPLAIN ${text}`,
            values,
          );
          plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
          return [];
        },
      };
      const { find, entriesAfter } = await import('../../apps/documents/src/documents/lookup.js');
      await codeOf(find(explaining, at('/dir-7/below')));
      const root = await find(documents.postgres, ROOT_PATH);
      await entriesAfter(explaining, root, 'dir-5', 500);
      expect(plans).toHaveLength(2);
      for (const plan of plans) {
        expect(plan).toContain('documents_entry');
        expect(plan).not.toContain('Seq Scan');
      }
    });

    it('refuses a database that cannot hold every name', async () => {
      await cluster.query(
        'postgres',
        `CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`,
      );
      await expect(Documents.start(cluster.url('latin'))).rejects.toThrow(
        'The database cannot be used: The database must have the encoding UTF8',
      );
      expect(await cluster.connections('latin', 'documents')).toEqual([]);
    });

    it('says that the database cannot be reached', async () => {
      await expect(Documents.start('postgresql://tests@localhost/x?host=/nowhere')).rejects.toThrow(
        /^The database cannot be used: .*ENOENT/,
      );
    });

    it('lets two processes start at once on an empty database', async () => {
      const url = await cluster.createDatabase('twice');
      const both = await Promise.all([Documents.start(url), Documents.start(url)]);
      await both[0].put('/f', 'seen by both');
      expect((await both[1].get('/f')).toString()).toBe('seen by both');
      await Promise.all(both.map((each) => each.close()));
    });

    it('closes every connection at its end, also those of uploads that still run', async () => {
      const url = await cluster.createDatabase('ending');
      const ending = await Documents.start(url);
      const writer = await ending.backend.beginWrite(at('/f'), { exclusive: false });
      await writer.write(0, Buffer.from('part'));
      expect((await cluster.connections('ending', 'documents')).length).toBeGreaterThan(0);
      await ending.close();
      await ending.close();
      expect(await cluster.connections('ending', 'documents')).toEqual([]);
      await expect(writer.finish()).rejects.toBeInstanceOf(SftpError);
    });

    it('goes on after the database has been away', async () => {
      await documents.put('/f', 'kept');
      const writer = await begin('/g');
      await cluster.stop();
      expect(await codeOf(documents.get('/f'))).toBe('EIO');
      expect(await codeOf(begin('/h'))).toBe('EIO');
      await cluster.start();
      expect((await documents.get('/f')).toString()).toBe('kept');
      expect(await codeOf(writer.finish())).toBe('EIO');
      await documents.put('/g', 'anew');
      expect(await documents.names('/')).toEqual(['f', 'g']);
    });
  });
});
