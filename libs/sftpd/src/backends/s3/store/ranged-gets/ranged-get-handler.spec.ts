import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { selfSigned } from '../spec-support/self-signed.js';
import type { RangedGetHandler } from './ranged-get-handler.js';
import type { HttpRequest } from './request-handler.js';
import { type Answer, bytes, closed, plain, RawServer } from './spec-support/raw-server.js';
import { answerTo, handlerWith, Others, rangedGet, read } from './spec-support/requests.js';

const MIB = 2 ** 20;
const certificate = selfSigned();

describe.each(['http', 'https'] as const)('a ranged GET by %s', (protocol) => {
  const content = randomBytes(8 * MIB);
  const handler = handlerWith({ tls: { ca: certificate.cert } });
  let server: http.Server | https.Server;
  let connections = 0;
  const names = new Set<unknown>();

  beforeAll(async () => {
    const answer: http.RequestListener = (request, response) => {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!;
      const body = content.subarray(Number(first), Number(last) + 1);
      response.writeHead(206, { 'Content-Length': body.length, ETag: '"e"' }).end(body);
    };
    server =
      protocol === 'http' ? http.createServer(answer) : https.createServer(certificate, answer);
    server.on(protocol === 'http' ? 'connection' : 'secureConnection', (peer) => {
      connections += 1;
      if (peer instanceof TLSSocket) names.add(peer.servername);
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
  });

  afterAll(async () => {
    handler.destroy();
    server.close();
    await once(server, 'close');
  });

  function get(start: number, end: number): HttpRequest {
    return rangedGet((server.address() as AddressInfo).port, {
      protocol: `${protocol}:`,
      hostname: 'localhost',
      headers: { host: 'localhost', range: `bytes=${start}-${end - 1}` },
    });
  }

  it('brings status, fields and content', async () => {
    const { response } = await handler.handle(get(100, MIB + 100));
    expect(response).toMatchObject({
      statusCode: 206,
      reason: 'Partial Content',
      headers: { 'content-length': String(MIB), etag: '"e"' },
    });
    expect((await read(response)).content.equals(content.subarray(100, MIB + 100))).toBe(true);
  });

  it('hands over all of one connection’s bytes in the same memory, and allocates none', async () => {
    const memory = new Set<ArrayBufferLike>();
    const download = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 1) {
        const { response } = await handler.handle(get(0, content.length));
        const taken = await read(response);
        expect(taken.content.equals(content)).toBe(true);
        for (const one of taken.memory) memory.add(one);
      }
    };
    await download(4);
    expect(memory.size).toBe(1);
  });

  it('is a stream like others for who reads it as one, with bytes that stay', async () => {
    const { response } = await handler.handle(get(0, content.length));
    const chunks: Buffer[] = [];
    for await (const chunk of response.body as Readable) {
      chunks.push(chunk as Buffer);
      await nextTurn();
    }
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
  });

  it('waits for a reader that comes late, and loses nothing', async () => {
    const { response } = await handler.handle(get(0, content.length));
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect((await read(response)).content.equals(content)).toBe(true);
  });

  it('uses its connection again', () => {
    expect(connections).toBe(1);
  });

  it('names the host to a server that has many', () => {
    expect([...names]).toEqual(protocol === 'https' ? ['localhost'] : []);
  });

  it('of several at once gives each its own content', async () => {
    await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        const { response } = await handler.handle(get(at * 1000, at * 1000 + MIB));
        const { content: got } = await read(response);
        expect(got.equals(content.subarray(at * 1000, at * 1000 + MIB))).toBe(true);
      }),
    );
    expect(connections).toBeLessThanOrEqual(4);
  });
});

describe('a ranged GET', () => {
  let server: RawServer | undefined;
  let handler: RangedGetHandler | undefined;

  afterEach(async () => {
    handler?.destroy();
    await server?.stop();
    server = undefined;
    handler = undefined;
  });

  async function serve(...answers: Answer[]): Promise<{ server: RawServer; request: HttpRequest }> {
    server = await RawServer.start(answers);
    return { server, request: rangedGet(server.port) };
  }

  it('by https refuses a certificate that nobody vouches for', async () => {
    server = await RawServer.start([plain('secret')], certificate);
    handler = handlerWith();
    const request = rangedGet(server.port, { protocol: 'https:', hostname: 'localhost' });
    await expect(handler.handle(request)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(server.requests).toEqual([]);
  });

  it('by https refuses a certificate of another host', async () => {
    server = await RawServer.start([plain('secret')], certificate);
    handler = handlerWith({ tls: { ca: certificate.cert } });
    const request = rangedGet(server.port, { protocol: 'https:' });
    await expect(handler.handle(request)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(server.requests).toEqual([]);
  });

  it('is the only request that does not go to the other handler', async () => {
    const { server, request } = await serve(plain('x'));
    const others = new Others();
    handler = handlerWith({}, {}, others);
    const whole = { ...request, headers: { host: 'h' } };
    expect((await handler.handle(whole)).response.statusCode).toBe(418);
    expect(await answerTo(handler, request)).toMatchObject({ statusCode: 206, text: 'x' });
    expect(others.requests).toEqual([whole]);
    expect(server.requests.length).toBe(1);
    handler.destroy();
    expect(others.destroyed).toBe(true);
  });

  it('comes out right when it comes byte by byte', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody';
    const { request } = await serve((peer) => {
      peer.setNoDelay(true);
      void (async () => {
        for (const byte of answer) {
          peer.write(byte);
          await nextTurn();
        }
      })();
    });
    handler = handlerWith();
    expect(await answerTo(handler, request)).toMatchObject({ statusCode: 200, text: 'body' });
  });

  it('with an empty body leaves its connection for the next one', async () => {
    const { server, request } = await serve(plain(''));
    handler = handlerWith();
    for (let round = 0; round < 3; round += 1) {
      expect((await answerTo(handler, request)).text).toBe('');
    }
    expect([server.peers.length, server.requests.length]).toEqual([1, 3]);
  });

  it('is sent over a new connection after Connection: close', async () => {
    const { server, request } = await serve(plain('one', 'Connection: close\r\n'), plain('two'));
    handler = handlerWith();
    expect((await answerTo(handler, request)).text).toBe('one');
    expect((await answerTo(handler, request)).text).toBe('two');
    expect(server.peers.length).toBe(2);
  });

  it('never sees surplus bytes of the answer before, which end the connection', async () => {
    const evil = 'HTTP/1.1 206 x\r\nContent-Length: 4\r\n\r\nevil';
    const { server, request } = await serve(
      bytes(`HTTP/1.1 206 x\r\nContent-Length: 3\r\n\r\none${evil}`),
      plain('two'),
    );
    handler = handlerWith({ maxSockets: 1 });
    const first = answerTo(handler, request);
    const second = answerTo(handler, request);
    expect([(await first).text, (await second).text]).toEqual(['one', 'two']);
    expect(server.peers.length).toBe(2);
  });

  it('never sees what comes over a connection that nobody uses, which ends it', async () => {
    const { server, request } = await serve(plain('one'), plain('two'));
    handler = handlerWith();
    await answerTo(handler, request);
    server.peers[0]!.write('HTTP/1.1 206 x\r\nContent-Length: 4\r\n\r\nevil');
    await closed(server.peers[0]);
    expect((await answerTo(handler, request)).text).toBe('two');
  });

  it('is sent again, once, when its connection turns out to have been closed', async () => {
    const { server, request } = await serve(
      plain('one'),
      (peer) => peer.resetAndDestroy(),
      plain('two'),
    );
    handler = handlerWith();
    await answerTo(handler, request);
    expect((await answerTo(handler, request)).text).toBe('two');
    expect([server.peers.length, server.requests.length]).toEqual([2, 3]);
  });

  it('is not sent a third time', async () => {
    const { server, request } = await serve(plain('one'), (peer) => peer.end());
    handler = handlerWith();
    await answerTo(handler, request);
    await expect(handler.handle(request)).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'ECONNRESET',
    });
    expect(server.requests.length).toBe(3);
  });

  it.each([
    ['without an answer', ''],
    ['within its head', 'HTTP/1.1 206 Partial'],
  ])('is left to the SDK when a new connection is closed %s', async (_, text) => {
    const { server, request } = await serve((peer) => peer.end(text));
    handler = handlerWith();
    await expect(handler.handle(request)).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'ECONNRESET',
    });
    expect(server.requests.length).toBe(1);
  });

  it('is not sent again when part of a head has come over a connection that was used', async () => {
    const { server, request } = await serve(plain('one'), (peer) => peer.end('HTTP/1.1 206'));
    handler = handlerWith();
    await answerTo(handler, request);
    await expect(handler.handle(request)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(server.requests.length).toBe(2);
  });

  it.each([
    ['ends', (peer) => peer.end()],
    ['is reset', (peer) => peer.resetAndDestroy()],
  ] as [string, Answer][])('fails in its body when the connection %s', async (_, cut) => {
    const { server, request } = await serve(
      bytes('HTTP/1.1 206 x\r\nContent-Length: 9\r\n\r\nhalf'),
    );
    handler = handlerWith();
    const { response } = await handler.handle(request);
    const reading = read(response);
    cut(server.peers[0]!, '');
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('tells who reads late that its connection was closed, and nobody when nobody reads', async () => {
    const { server, request } = await serve(
      bytes('HTTP/1.1 206 x\r\nContent-Length: 9\r\n\r\nhalf'),
    );
    handler = handlerWith();
    const { response } = await handler.handle(request);
    await handler.handle(request);
    for (const peer of server.peers) peer.resetAndDestroy();
    handler.destroy();
    await nextTurn();
    await expect(read(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('fails in its body without ending the process when nobody hears of it', async () => {
    const { server, request } = await serve(
      bytes('HTTP/1.1 206 x\r\nContent-Length: 9\r\n\r\nhalf'),
    );
    handler = handlerWith();
    const body = (await handler.handle(request)).response.body as Readable;
    body.resume();
    const over = new Promise((resolve) => body.once('close', resolve));
    server.peers[0]?.resetAndDestroy();
    await over;
  });

  it('says that nothing listens', async () => {
    const { server: gone, request } = await serve();
    await gone.stop();
    server = undefined;
    handler = handlerWith();
    await expect(handler.handle(request)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('fails when there is no connection in time', async () => {
    server = await RawServer.start([]);
    handler = handlerWith({ tls: { ca: certificate.cert } }, { connect: 50 });
    // Its TLS handshake is never answered.
    const request = rangedGet(server.port, { protocol: 'https:', hostname: 'localhost' });
    await expect(handler.handle(request)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('fails when the answer does not come in time', async () => {
    const { request } = await serve(() => undefined);
    handler = handlerWith({}, { silence: 50 });
    await expect(handler.handle(request)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('fails when its body stands still', async () => {
    const { request } = await serve(bytes('HTTP/1.1 206 x\r\nContent-Length: 9\r\n\r\nhalf'));
    handler = handlerWith({}, { silence: 50 });
    const reading = handler.handle(request).then(({ response }) => read(response));
    await expect(reading).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('an abort', () => {
  it.each([
    ['before the request', 0],
    ['before the answer', 1],
    ['within the body', 2],
  ])('%s ends the request and its connection', async (_, when) => {
    const server = await RawServer.start([
      (peer) => {
        if (when === 2) peer.write('HTTP/1.1 206 x\r\nContent-Length: 9\r\n\r\nhalf');
      },
    ]);
    const handler = handlerWith();
    const abort = new AbortController();
    const options = { abortSignal: abort.signal };
    if (when === 0) abort.abort();
    const answer = handler.handle(rangedGet(server.port), options);
    if (when === 1) {
      while (server.requests.length === 0) await nextTurn();
      abort.abort();
    }
    if (when < 2) {
      await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    } else {
      const reading = read((await answer).response);
      abort.abort();
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    }
    expect(server.requests.length).toBe(when === 0 ? 0 : 1);
    await closed(server.peers[0]);
    await server.stop();
  });

  it('after the body has come leaves the connection alone', async () => {
    const server = await RawServer.start([plain('one')]);
    const handler = handlerWith();
    const abort = new AbortController();
    const { response } = await handler.handle(rangedGet(server.port), {
      abortSignal: abort.signal,
    });
    await read(response);
    abort.abort();
    expect((await answerTo(handler, rangedGet(server.port))).text).toBe('one');
    expect(server.peers.length).toBe(1);
    handler.destroy();
    await server.stop();
  });

  it('that comes by destroying the body ends its connection', async () => {
    const server = await RawServer.start([
      bytes('HTTP/1.1 206 x\r\nContent-Length: 9\r\n\r\nhalf'),
    ]);
    const { response } = await handlerWith().handle(rangedGet(server.port));
    (response.body as Readable).destroy();
    await closed(server.peers[0]);
    await server.stop();
  });
});
