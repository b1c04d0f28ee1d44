import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { GetBucketLifecycleConfigurationCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { SeenQueue, Uploader } from '../ingestion/support/ingestion.js';
import { tryLogIn } from '../server/support/log-in.js';
import { type Child, killChildren, ROOT } from '../smoke/child.js';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { freePort } from '../support/free-port.js';
import { runHaProxy } from '../support/haproxy/haproxy.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { runOk } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { fencedBlocks } from './support/fenced-blocks.js';
import { pageOf } from './support/pages.js';
import { PastedShell } from './support/pasted-shell.js';
import { adapted, commandsIn, shellBlocksOf } from './support/shell-blocks.js';

jest.setTimeout(180_000);

const GATEWAY = 'docs/reference/gateway.md';
const GUIDE = 'docs/guides/s3.md';
const REPLICAS = 'docs/guides/many-processes.md';

// The system's own first: one of a version manager looks for itself in the user's home.
const aws = findProgram('aws', ['/usr/bin', ...(process.env['PATH'] ?? '').split(path.delimiter)]);
const [bash, haproxy, redisServer, sshKeygen] = [
  findProgram('bash'),
  findProgram('haproxy'),
  findProgram('redis-server'),
  findProgram('ssh-keygen'),
] as const;

/** The only block of a page that has a text in it. */
async function blockWith(page: string, text: string): Promise<string> {
  const found = fencedBlocks(await pageOf(page)).filter(({ code }) => code.includes(text));
  expect(found).toHaveLength(1);
  return found[0]?.code ?? '';
}

const needs = [aws, bash, haproxy, redisServer, sshKeygen, findCeph()];
whereUsable('the commands about stores', needs, (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('the commands of', () => {
    let home: TempDir;
    let store: CephStore;

    beforeAll(async () => {
      home = await makeTempDir();
      await symlink(path.join(ROOT, 'dist'), path.join(home.path, 'dist'));
      store = await startCeph();
    });

    afterEach(killChildren);

    afterAll(async () => {
      await store.stop();
      await home.remove();
    });

    function shellWith(env: Readonly<Record<string, string>>): PastedShell {
      return new PastedShell(programOf(bash), home.path, { NODE_NO_WARNINGS: '1', ...env });
    }

    async function keysIn(bucket: string): Promise<(string | undefined)[]> {
      const { Contents = [] } = await store.client.send(
        new ListObjectsV2Command({ Bucket: bucket }),
      );
      return Contents.map(({ Key }) => Key).sort();
    }

    it(`${GUIDE} have a store abort what was never finished`, async () => {
      const [, lifecycle = ''] = await shellBlocksOf(GUIDE, 2);
      const bucket = await store.bucket('my-uploads');
      await writeFile(
        path.join(home.path, 'lifecycle.json'),
        await blockWith(GUIDE, 'AbortIncompleteMultipartUpload'),
      );
      const shell = shellWith({ ...store.environment, AWS_DEFAULT_REGION: store.region });
      const set = await shell.run(lifecycle, {
        'aws s3api': `${programOf(aws)} --endpoint-url ${store.endpoint} s3api`,
      });
      expect(set).toMatchObject({ code: 0, stderr: '' });
      const { Rules } = await store.client.send(
        new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }),
      );
      expect(Rules).toMatchObject([
        { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
      ]);
    });

    it(`${GATEWAY} keep files in a bucket`, async () => {
      const [, block = ''] = await shellBlocksOf(GATEWAY, 3);
      const bucket = await store.bucket('uploads');
      const { accessKeyId, secretAccessKey, endpoint } = store;
      // Two commands in one terminal.
      const gateway = shellWith({ SFTP_PORT: '0' }).serve(block, {
        'AWS_ACCESS_KEY_ID=...': `AWS_ACCESS_KEY_ID=${accessKeyId}`,
        'AWS_SECRET_ACCESS_KEY=...': `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
        'http://127.0.0.1:9000': endpoint,
      });
      const client = await Uploader.connect(gateway);
      await client.put('/a.txt', 'text');
      client.end();
      expect(await keysIn(bucket)).toEqual(['a.txt']);
    });

    it(`${REPLICAS} run replicas behind a balancer, which notices when one of them ends`, async () => {
      const [, block = ''] = await shellBlocksOf(REPLICAS, 2);
      const bucket = await store.bucket('replicas');
      const redis = await RedisServer.start({ tcp: true });
      const queue = new SeenQueue(redis);
      const secrets = path.join(home.path, 'secrets');
      await mkdir(path.join(secrets, 'host-keys'), { recursive: true });
      const key = path.join(secrets, 'host-keys', 'ssh_host_ed25519_key');
      const options = ['-q', '-t', 'ed25519', '-N', '', '-f', key];
      await runOk(programOf(sshKeygen), options, { home: home.path });
      await writeFile(
        path.join(secrets, 'users.json'),
        JSON.stringify([{ username: 'dev', password: 'dev' }]),
      );
      const [sftpPort, httpPort, balancerPort] = [
        await freePort(),
        await freePort(),
        await freePort(),
      ];
      const shell = shellWith({
        ...store.environment,
        S3_ENDPOINT: store.endpoint,
        S3_FORCE_PATH_STYLE: 'true',
        SFTP_PORT: String(sftpPort),
      });
      // Each machine is an address of this one.
      const startReplica = (host: string): Child =>
        shell.serve(commandsIn(block)[0] ?? '', {
          '10.0.0.20': host,
          '10.0.0.5': '127.0.0.1',
          'HTTP_PORT=8080': `HTTP_PORT=${httpPort}`,
          'SFTP_WORKERS=4': 'SFTP_WORKERS=2',
          '/run/secrets': secrets,
          '=uploads': `=${bucket}`,
          'redis://cache:6379': redis.url,
        });
      const replicas = [startReplica('127.0.0.1'), startReplica('127.0.0.2')] as const;
      const listening = /^SFTP server listening on /m;
      await Promise.all(replicas.map((replica) => replica.output(listening)));
      const config = adapted(await blockWith(REPLICAS, 'frontend sftp'), {
        ':22\n': `127.0.0.1:${balancerPort}\n`,
        '10.0.0.20:2222': `127.0.0.1:${sftpPort}`,
        '10.0.0.21:2222': `127.0.0.2:${sftpPort}`,
        'port 8080': `port ${httpPort}`,
      });
      const balancer = await runHaProxy(config, balancerPort);
      try {
        const logIn = (password: string): Promise<string> =>
          tryLogIn({ port: balancer.port, password });
        expect(await logIn('wrong')).not.toBe('logged in');
        for (const name of ['one', 'two', 'three', 'four']) {
          const client = await Uploader.connectTo(balancer.port);
          await client.put(`/${name}.txt`, name);
          client.end();
        }
        expect(await keysIn(bucket)).toEqual(['four.txt', 'one.txt', 'three.txt', 'two.txt']);
        await queue.waitForJobs(4);
        for (const replica of replicas) await replica.output(/"dev" logged in/);
        replicas[0].kill('SIGTERM');
        expect(await replicas[0].ended).toMatchObject({ code: 0 });
        for (let n = 0; n < 4; n++) expect(await logIn('dev')).toBe('logged in');
      } finally {
        await balancer.stop();
        await killChildren();
        await queue.close();
        await redis.stop();
      }
    });
  });
});
