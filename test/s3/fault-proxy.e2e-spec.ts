import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as startRequest,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { FaultProxy, PROXY_REQUEST_ID } from '../support/fault-proxy.js';
import { anyRequest, isBegin, isGet, isList, isPart, isPut } from '../support/fault-rules.js';
import { seededBytes, sha256 } from '../support/fixtures.js';

const MIB = 1024 * 1024;
const BODY = seededBytes(MIB, 1);

/** What the store behind the proxy has been sent. */
interface Received {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly digest: string;
  readonly port: number;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
}

let store: Server;
let proxy: FaultProxy;
let agent: Agent;
const received: Received[] = [];
let cutOff = 0;

beforeAll(async () => {
  store = createServer((request, response) => {
    const hash = createHash('sha256');
    request.on('data', (chunk: Buffer) => hash.update(chunk));
    request.on('aborted', () => (cutOff += 1));
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request;
      const port = socket.remotePort ?? 0;
      received.push({ method, url, host: headers.host ?? '', digest: hash.digest('hex'), port });
      response.writeHead(200, { 'Content-Length': BODY.length, ETag: '"x"' });
      response.end(method === 'HEAD' ? undefined : BODY);
    });
  });
  store.listen(0, '127.0.0.1');
  await once(store, 'listening');
});

beforeEach(async () => {
  received.length = 0;
  cutOff = 0;
  proxy = await FaultProxy.start(`http://127.0.0.1:${(store.address() as AddressInfo).port}`);
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});

afterEach(async () => {
  agent.destroy();
  await proxy.stop();
});

afterAll(async () => {
  store.closeAllConnections();
  store.close();
  await once(store, 'close');
});

/** Sends a request to the proxy and reads the answer to its end. */
async function ask(method: string, path: string, body?: Buffer): Promise<Answer> {
  const headers = { Host: 'signed.example:1', ...(body && { 'Content-Length': body.length }) };
  const request = startRequest(proxy.endpoint + path, { agent, method, headers });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const { statusCode: status = 0, headers: answered } = answer;
  return { status, body: Buffer.concat(chunks), headers: answered };
}

describe('the fault proxy', () => {
  it('passes requests and answers on as they are, over one connection', async () => {
    const put = await ask('PUT', '/b/a%20b%2Bc?x=%2F', BODY);
    const get = await ask('GET', '/b/k');
    expect(put).toMatchObject({ status: 200, headers: { etag: '"x"' } });
    expect(get.body.equals(BODY)).toBe(true);
    const host = 'signed.example:1';
    expect(received).toMatchObject([
      { method: 'PUT', url: '/b/a%20b%2Bc?x=%2F', host, digest: sha256(BODY) },
      { method: 'GET', url: '/b/k', host },
    ]);
    expect(new Set(received.map(({ port }) => port)).size).toBe(1);
  });

  it('answers a HEAD, whose length is not that of a body', async () => {
    const { status, headers, body } = await ask('HEAD', '/b/k');
    expect({ status, length: headers['content-length'] }).toEqual({
      status: 200,
      length: String(MIB),
    });
    expect(body).toHaveLength(0);
  });

  it('tells of every request what it was and when it began and ended', async () => {
    const before = performance.now();
    await ask('PUT', '/b/a%20b?partNumber=2&uploadId=u', BODY);
    await ask('GET', '/b?list-type=2');
    const [put, list] = proxy.requests;
    expect(put).toMatchObject({ method: 'PUT', path: '/b/a b', status: 200 });
    expect(put?.query.get('partNumber')).toBe('2');
    expect(put?.begun).toBeGreaterThanOrEqual(before);
    expect(list?.begun).toBeGreaterThanOrEqual(put?.ended ?? Infinity);
    const counts = [isPart, isPut, isList, isGet, isBegin].map((m) => proxy.seen(m).length);
    expect(counts).toEqual([1, 0, 1, 0, 0]);
  });

  it('answers in the place of the store as often as it is told to', async () => {
    const rule = proxy.when(({ path }) => path === '/b/k', { status: 503 }, 2);
    const first = await ask('PUT', '/b/k', BODY);
    expect(first.status).toBe(503);
    expect(first.body.toString()).toContain('<Code>SlowDown</Code>');
    expect(first.body.toString()).toContain(`<RequestId>${PROXY_REQUEST_ID}</RequestId>`);
    expect((await ask('GET', '/b/other')).status).toBe(200);
    expect((await ask('HEAD', '/b/k')).status).toBe(503);
    expect((await ask('GET', '/b/k')).status).toBe(200);
    expect(rule.hits).toBe(2);
    expect(received.map(({ url }) => url)).toEqual(['/b/other', '/b/k']);
  });

  it('lets everything through again once its rules are cleared', async () => {
    proxy.when(anyRequest, { status: 403, code: 'AccessDenied' });
    expect((await ask('GET', '/b/k')).body.toString()).toContain('<Code>AccessDenied</Code>');
    proxy.clear();
    expect((await ask('GET', '/b/k')).status).toBe(200);
  });

  it('holds an answer up', async () => {
    proxy.when(anyRequest, { delay: 120 });
    proxy.when(anyRequest, { status: 500, delay: 30 });
    const begun = performance.now();
    expect((await ask('GET', '/b/k')).status).toBe(500);
    // A timer may be a millisecond early by this clock.
    expect(performance.now() - begun).toBeGreaterThanOrEqual(145);
  });

  it('hangs: takes a request with its body and never answers', async () => {
    proxy.when(isPut, { hang: true });
    const request = startRequest(`${proxy.endpoint}/b/k`, { method: 'PUT' });
    const answered = once(request, 'response');
    await new Promise<void>((resolve) => request.end(BODY, () => resolve()));
    await proxy.until(isPut);
    // Others are served meanwhile, which is when a late answer would come.
    expect((await ask('GET', '/b/k')).status).toBe(200);
    expect(proxy.seen(isPut)).toMatchObject([{ status: undefined, ended: undefined }]);
    request.destroy();
    await expect(answered).rejects.toThrow('socket hang up');
    expect(received.map(({ method }) => method)).toEqual(['GET']);
  });

  it('breaks the connection within the body of an answer', async () => {
    proxy.when(isGet, { truncateAfter: 100_000 }, 1);
    const request = startRequest(`${proxy.endpoint}/b/k`);
    request.end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    let length = 0;
    answer.on('data', (chunk: Buffer) => (length += chunk.length));
    await expect(once(answer, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect({ status: answer.statusCode, length }).toEqual({ status: 200, length: 100_000 });
    expect((await ask('GET', '/b/k')).body).toHaveLength(MIB);
  });

  it('breaks both connections within the body of an upload', async () => {
    proxy.when(isPut, { cutUploadAfter: 100_000 }, 1);
    await expect(ask('PUT', '/b/k', BODY)).rejects.toThrow(/hang up|ECONNRESET|EPIPE/);
    expect((await ask('PUT', '/b/k', BODY)).status).toBe(200);
    expect({ whole: received.length, cutOff }).toEqual({ whole: 1, cutOff: 1 });
  });

  it('breaks the connection when the store does', async () => {
    const gone = await FaultProxy.start('http://127.0.0.1:1');
    await expect(fetch(gone.endpoint)).rejects.toThrow('fetch failed');
    expect(gone.requests).toMatchObject([{ method: 'GET', status: undefined }]);
    await gone.stop();
  });

  it('waits for requests that are to come', async () => {
    const come = proxy.until(isGet, 2);
    await ask('GET', '/b/1');
    await ask('GET', '/b/2');
    await come;
    await expect(proxy.until(isPut, 1, 20)).rejects.toThrow('1 requests that match');
  });
});
