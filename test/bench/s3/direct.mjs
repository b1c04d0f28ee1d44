import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

// A process of its own, as the gateway is one: does what it is told by messages straight at the store, and answers
// with the seconds that took.

const PART_BYTES = 8 * 1024 * 1024;
const IN_FLIGHT = 4;

const client = new S3Client({
  endpoint: process.env.S3_ENDPOINT,
  region: 'us-east-1',
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
const bucket = process.env.S3_BUCKET;

const TASKS = {
  /** lib-storage's managed upload of a file. */
  async upload({ file, key }) {
    await new Upload({
      client,
      params: { Bucket: bucket, Key: key, Body: createReadStream(file) },
      partSize: PART_BYTES,
      queueSize: IN_FLIGHT,
    }).done();
  },

  /** Parallel GETs of ranges, written to their places in a file. */
  async download({ file, key }) {
    const { ContentLength } = await client.send(
      new HeadObjectCommand({ Bucket: bucket, Key: key }),
    );
    const target = await open(file, 'w');
    let next = 0;
    const worker = async () => {
      while (next < ContentLength) {
        const start = next;
        next += PART_BYTES;
        const end = Math.min(next, ContentLength);
        const Range = `bytes=${start}-${end - 1}`;
        const { Body } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, Range }),
        );
        let at = start;
        for await (const chunk of Body) {
          await target.write(chunk, 0, chunk.length, at);
          at += chunk.length;
        }
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    await target.close();
  },

  /** One object after the other, as `sftp` sends one file after the other. */
  async putAll({ directory, names, prefix }) {
    for (const name of names) {
      const file = await open(`${directory}/${name}`);
      const body = await file.readFile();
      await file.close();
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: `${prefix}${name}`, Body: body }),
      );
    }
  },

  /** Makes many empty-ish objects, for listings; not measured. */
  async fill({ prefix, count }) {
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const Key = `${prefix}entry-${String(next++).padStart(6, '0')}`;
        await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
  },

  /** A listing with all its pages. */
  async list({ prefix }) {
    for (let token, more = true; more;) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          Delimiter: '/',
          ...(token && { ContinuationToken: token }),
        }),
      );
      token = page.NextContinuationToken;
      more = page.IsTruncated === true;
    }
  },
};

process.on('message', ({ task, ...input }) => {
  const started = performance.now();
  TASKS[task](input).then(
    () => process.send({ seconds: (performance.now() - started) / 1000 }),
    (error) => process.send({ error: String(error.stack ?? error) }),
  );
});
