import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { S3Backend } from 'nestjs-sftpd/s3';
import { SftpTestServer } from 'nestjs-sftpd/testing';

import { ROOT } from '../smoke/child.js';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { whereUsable } from '../support/client-tools.js';
import { getFile, listAll } from '../support/raw-files.js';
import { mkdir, remove, rename, rmdir, stat } from '../support/raw-requests.js';
import { fencedBlocks } from './support/fenced-blocks.js';
import { channelOf, upload, type UserChannel } from './support/guide-project.js';
import { pageOf } from './support/pages.js';

jest.setTimeout(120_000);

const PAGE = 'docs/guides/s3.md';

/** What each request needs, as Amazon's "Actions, resources, and condition keys for Amazon S3" has it. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  AbortMultipartUpload: ['s3:AbortMultipartUpload'],
  CompleteMultipartUpload: ['s3:PutObject'],
  CopyObject: ['s3:GetObject', 's3:PutObject'],
  // Only with the option `createBucket`.
  CreateBucket: [],
  CreateMultipartUpload: ['s3:PutObject'],
  DeleteObject: ['s3:DeleteObject'],
  DeleteObjects: ['s3:DeleteObject'],
  GetObject: ['s3:GetObject'],
  HeadObject: ['s3:GetObject'],
  ListMultipartUploads: ['s3:ListBucketMultipartUploads'],
  ListObjectsV2: ['s3:ListBucket'],
  ListParts: ['s3:ListMultipartUploadParts'],
  PutObject: ['s3:PutObject'],
  UploadPart: ['s3:PutObject'],
  UploadPartCopy: ['s3:GetObject', 's3:PutObject'],
};

interface Policy {
  readonly Statement: readonly { readonly Action: readonly string[] }[];
}

describe(`the policy of ${PAGE}`, () => {
  it('allows what the requests in the code need, and nothing else', async () => {
    const folder = path.join(ROOT, 'libs', 'sftpd', 'src', 'backends', 's3');
    const files = (await readdir(folder, { recursive: true })).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
    );
    const sources = await Promise.all(
      files.map((file) => readFile(path.join(folder, file), 'utf8')),
    );
    const requests = new Set(
      [...sources.join('\n').matchAll(/new (?:\w+\.)*(\w+)Command\(/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect([...requests].sort()).toEqual(Object.keys(ACTIONS));
    const needed = new Set([...requests].flatMap((request) => ACTIONS[request] ?? []));
    const blocks = fencedBlocks(await pageOf(PAGE));
    const policy = blocks.find(({ code }) => code.includes('"Statement"'));
    const { Statement } = JSON.parse(policy?.code ?? '') as Policy;
    expect(Statement.flatMap(({ Action }) => Action).sort()).toEqual([...needed].sort());
  });
});

whereUsable('the costs of S3', [findCeph()], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)(`the costs of ${PAGE}`, () => {
    let store: CephStore;
    let bucket: string;
    let client: S3Client;
    let server: SftpTestServer;
    let user: UserChannel;
    let requests: string[] = [];

    beforeAll(async () => {
      store = await startCeph();
      bucket = await store.bucket();
      client = countingClient(store, (request) => requests.push(request));
      server = await SftpTestServer.start({ backend: new S3Backend({ bucket, client }) });
      user = await channelOf(server.port, 'test', 'test');
    });

    afterAll(async () => {
      await user.connection.end();
      await server.close();
      client.destroy();
      await store.stop();
    });

    /** Fills a directory past the server, so that it knows nothing of it. */
    async function fill(directory: string, count: number): Promise<void> {
      for (let from = 0; from < count; from += 100) {
        const some = Array.from({ length: Math.min(100, count - from) }, (_, at) => from + at);
        await Promise.all(
          some.map((number) =>
            store.client.send(
              new PutObjectCommand({
                Bucket: bucket,
                Key: `${directory}/${number}.txt`,
                Body: Buffer.alloc(1024),
              }),
            ),
          ),
        );
      }
    }

    /** What an operation asks of the store. */
    async function costOf(operation: () => Promise<unknown>): Promise<string> {
      requests = [];
      await operation();
      return told(requests);
    }

    it('are those of the table', async () => {
      const { sftp } = user;
      const kib = Buffer.alloc(1024);
      for (const directory of ['stat', 'dir', 'down', 'up', 'large', 'file', 'gone']) {
        await fill(directory, 1);
      }
      await fill('three', 3);
      await fill('many', 2500);
      await fill('tree', 3);
      await sftp.ok(mkdir('/empty'));
      const measured = new Map<string, string>();
      const measure = async (name: string, operation: () => Promise<unknown>): Promise<void> => {
        measured.set(name, await costOf(operation));
      };
      const ok = async (name: string, content: Buffer): Promise<void> => {
        expect(await upload(sftp, name, content)).toMatchObject({ status: 'OK' });
      };
      await measure('STAT of a file', () => sftp.request(stat('/stat/0.txt')));
      await measure('STAT of a directory', () => sftp.request(stat('/dir')));
      await measure('listing of 3 entries', () => listAll(sftp, '/three'));
      await measure('listing of 2500 entries', () => listAll(sftp, '/many'));
      await measure('download of 1 KiB', () => getFile(sftp, '/down/0.txt'));
      await measure('upload of 1 KiB, the first into a directory', () => ok('/up/1', kib));
      await measure('upload of 1 KiB, the second', () => ok('/up/2', kib));
      await measure('upload of 1 KiB, each one after that', () => ok('/up/3', kib));
      await measure('upload of 12 MiB', () => ok('/large/1', Buffer.alloc(12 * 1024 ** 2)));
      await measure('rename of a file', () => sftp.ok(rename('/file/0.txt', '/file/1.txt')));
      await measure('rename of a directory with 3 files', () => sftp.ok(rename('/tree', '/wood')));
      await measure('REMOVE', () => sftp.ok(remove('/gone/0.txt')));
      await measure('MKDIR', () => sftp.ok(mkdir('/new')));
      await measure('RMDIR', () => sftp.ok(rmdir('/empty')));
      expect(Object.fromEntries(measured)).toEqual(await table());
    });
  });
});

/** A client that tells the name of each request. */
function countingClient(store: CephStore, tell: (request: string) => void): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = store;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        tell(commandName.replace(/Command$/, ''));
        return next(args);
      },
    { step: 'initialize', name: 'tell' },
  );
  return client;
}

/** Requests as the table writes them, in the order of their names. */
function told(requests: readonly string[]): string {
  const names = [...new Set(requests)].sort();
  return names
    .map((name) => ({ name, count: requests.filter((request) => request === name).length }))
    .map(({ name, count }) => (count === 1 ? name : `${count} ${name}`))
    .join(', ');
}

/** The table of the page: requests by operation. */
async function table(): Promise<Record<string, string>> {
  const { text } = await pageOf(PAGE);
  const [section = ''] = text.slice(text.indexOf('## What it costs') + 3).split('\n## ');
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));
  return Object.fromEntries(
    rows.map((row) => {
      const [, operation = '', requests = ''] = row.split('|').map((cell) => cell.trim());
      const all = [...requests.matchAll(/(?:(\d+) )?`(\w+)`/g)].flatMap(([, count, name = '']) =>
        Array<string>(Number(count ?? 1)).fill(name),
      );
      return [operation, told(all)];
    }),
  );
}
