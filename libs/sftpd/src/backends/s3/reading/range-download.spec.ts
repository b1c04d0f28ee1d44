import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { SftpError } from '../../../filesystem/sftp-error.js';
import { s3Settings } from '../s3-settings.js';
import { type StartedBackend, startBackend } from '../start.js';
import { errorName, httpStatus } from '../store/s3-errors.js';
import { RangeDownload } from './range-download.js';

const MIB = 2 ** 20;
const CONTENT = randomBytes(8 * MIB);
const OBJECT = { key: 'key', etag: '"e"', size: CONTENT.length };
const LIMITS = { rangeSize: MIB, concurrency: 1, stallTimeout: 20_000, requestTimeout: 20_000 };
const CREDENTIALS = { accessKeyId: 'a', secretAccessKey: 'b' };
const EMPTY_LIST = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';

/** What the store answers to GETs of ranges, one after the other; the last one to all that follow. */
let answers: RequestListener[];
let server: Server;
let endpoint: string;
let started: StartedBackend | undefined;

beforeEach(async () => {
  let count = 0;
  server = createServer((request, response) => {
    if (request.headers.range === undefined) {
      response.end(EMPTY_LIST);
      return;
    }
    answers[Math.min(count, answers.length - 1)]?.(request, response);
    count += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await started?.stop();
  started = undefined;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

const range: RequestListener = ({ headers }, response) => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '')!;
  const body = CONTENT.subarray(Number(first), Number(last) + 1);
  response.writeHead(206, { ETag: '"e"', 'Content-Length': body.length }).end(body);
};

async function start(client?: S3Client): Promise<StartedBackend> {
  const own = { endpoint, forcePathStyle: true, credentials: CREDENTIALS, maxAttempts: 2 };
  started = await startBackend(
    s3Settings({ bucket: 'b', abandonedUploadAge: false, ...(client ? { client } : own) }),
  );
  return started;
}

/** Downloads a range. @returns the memory that its bytes were handed over in */
async function download(
  { context }: StartedBackend,
  start: number,
  end: number,
): Promise<ReadonlySet<ArrayBufferLike>> {
  const memory = new Set<ArrayBufferLike>();
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject: (error: SftpError) => void) => {
    new RangeDownload(context.store, OBJECT, LIMITS, start, end, {
      bytes: (chunk) => {
        memory.add(chunk.buffer);
        chunks.push(Buffer.from(chunk));
      },
      end: resolve,
      failed: reject,
    });
  });
  expect(Buffer.concat(chunks).equals(CONTENT.subarray(start, end))).toBe(true);
  return memory;
}

describe('the download of a range through the SDK', () => {
  it('takes its bytes where their connection has put them, one range after the other', async () => {
    answers = [range];
    const backend = await start();
    const memory = new Set<ArrayBufferLike>();
    for (let at = 0; at < CONTENT.length; at += MIB) {
      for (const one of await download(backend, at, at + MIB)) memory.add(one);
    }
    expect(memory.size).toBe(1);
  });

  it('goes on from where a body has broken off', async () => {
    answers = [
      (_, response) => {
        response.writeHead(206, { ETag: '"e"', 'Content-Length': MIB });
        response.write(CONTENT.subarray(0, 300_000), () => response.destroy());
      },
      range,
    ];
    await download(await start(), 0, MIB);
  });

  it('is tried again by the SDK when the store is busy', async () => {
    answers = [(_, response) => response.writeHead(503).end('<Error/>'), range];
    await download(await start(), 0, MIB);
  });

  it('tells what the store says, also in chunks', async () => {
    answers = [
      (_, response) => {
        response.writeHead(412, { 'Content-Type': 'application/xml' });
        response.write('<?xml version="1.0"?><Error><Code>PreconditionFailed</Code>');
        response.end('<Message>no</Message></Error>');
      },
    ];
    const backend = await start();
    const error: unknown = await download(backend, 0, MIB).catch((thrown: unknown) => thrown);
    expect([httpStatus(error), errorName(error)]).toEqual([412, 'PreconditionFailed']);
  });

  it('works with a client of the application’s own, which stays as it was', async () => {
    answers = [range];
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: CREDENTIALS,
    });
    const { requestHandler } = client.config;
    await download(await start(client), 1000, MIB);
    expect(client.config.requestHandler).toBe(requestHandler);
    client.destroy();
  });
});
