import { readFile, symlink } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { SeenQueue, Uploader } from '../ingestion/support/ingestion.js';
import { killChildren, ROOT } from '../smoke/child.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { PastedShell } from './support/pasted-shell.js';
import { commandsIn, shellBlocksOf } from './support/shell-blocks.js';

jest.setTimeout(120_000);

const bash = findProgram('bash');

let checkout: TempDir;
let shell: PastedShell;

beforeEach(async () => {
  // What is built, with a working directory of its own.
  checkout = await makeTempDir();
  await symlink(path.join(ROOT, 'dist'), path.join(checkout.path, 'dist'));
  shell = new PastedShell(programOf(bash), checkout.path, { SFTP_PORT: '0' });
});

afterEach(async () => {
  await killChildren();
  await checkout.remove();
});

whereUsable('the commands of the gateway', [bash, findProgram('redis-server')], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('the commands of', () => {
    it('docs/reference/gateway.md start what was built', async () => {
      const [block = ''] = await shellBlocksOf('docs/reference/gateway.md', 3);
      const [fromScratch, build, start = ''] = commandsIn(block);
      // Those are done by test/consumer/quick-start.mjs, which has a checkout of its own.
      expect([fromScratch, build]).toEqual(['npm ci && npm start', 'npm run build']);
      const client = await Uploader.connect(shell.serve(start));
      await client.put('/a.txt', 'text');
      client.end();
    });

    it('docs/guides/ingestion.md make a job of an upload, and do it', async () => {
      const [block = ''] = await shellBlocksOf('docs/guides/ingestion.md', 1);
      const [startGateway = '', startWorker = ''] = commandsIn(block);
      const redis = await RedisServer.start({ tcp: true });
      const queue = new SeenQueue(redis);
      try {
        const here = { 'redis://127.0.0.1:6379': redis.url };
        const gateway = shell.serve(startGateway, here);
        shell.serve(startWorker, here);
        const client = await Uploader.connect(gateway);
        await client.put('/prices.csv', 'item,price\napple,1.5\n');
        client.end();
        const [job] = await queue.waitForJobs(1);
        expect(await queue.result(job!)).toMatchObject({ rows: 1 });
      } finally {
        await killChildren();
        await queue.close();
        await redis.stop();
      }
    });

    it('docs/guides/many-processes.md start workers on one port', async () => {
      const [block = ''] = await shellBlocksOf('docs/guides/many-processes.md', 2);
      const gateway = shell.serve(commandsIn(block)[0] ?? '');
      for (const name of ['one', 'two']) {
        const client = await Uploader.connect(gateway);
        await client.put(`/${name}.txt`, name);
        client.end();
        expect(await readFile(path.join(checkout.path, 'files', `${name}.txt`), 'utf8')).toBe(name);
      }
      gateway.kill('SIGTERM');
      const { code, stdout } = await gateway.ended;
      expect(code).toBe(0);
      // Four workers, each a process with its own lines.
      const workers = new Set(stdout.match(/^\[Nest\] \d+/gm));
      expect(workers.size).toBeGreaterThanOrEqual(4);
    });
  });
});
