import { maxHeaderSize } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { selfSigned } from '../spec-support/self-signed.js';
import type { RangedGetHandler } from './ranged-get-handler.js';
import { type Answer, bytes, closed, plain, RawServer } from './spec-support/raw-server.js';
import { answerTo, handlerWith, rangedGet } from './spec-support/requests.js';

const XML = '<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>';

function error(status: string, more = `Content-Length: ${XML.length}\r\n`): Answer {
  return bytes(`HTTP/1.1 ${status}\r\nContent-Type: application/xml\r\n${more}\r\n${XML}`);
}

describe('an answer that is no plain range', () => {
  let handler: RangedGetHandler;
  let server: RawServer | undefined;

  beforeEach(() => {
    handler = handlerWith({ maxSockets: 1 });
  });

  afterEach(async () => {
    handler.destroy();
    await server?.stop();
    server = undefined;
  });

  async function serve(...answers: Answer[]): Promise<RawServer> {
    server = await RawServer.start(answers);
    return server;
  }

  it.each(['404 Not Found', '412 Precondition Failed', '503 Slow Down'])(
    'comes out whole: %s',
    async (status) => {
      const { port } = await serve(error(status));
      expect(await answerTo(handler, rangedGet(port))).toMatchObject({
        statusCode: Number(status.slice(0, 3)),
        reason: status.slice(4),
        headers: { 'content-type': 'application/xml', 'content-length': String(XML.length) },
        text: XML,
      });
    },
  );

  it('makes room for the next request, which is the only other one', async () => {
    const { port, requests } = await serve(error('404 Not Found'), plain('two'));
    const [first, second] = [1, 2].map(() => answerTo(handler, rangedGet(port)));
    expect([(await first!).text, (await second!).text]).toEqual([XML, 'two']);
    expect(requests.length).toBe(2);
  });

  it('may come in chunks', async () => {
    const { port } = await serve(
      bytes(
        'HTTP/1.1 206 x\r\nTransfer-Encoding: chunked\r\nETag: "e"\r\n\r\n' +
          '3\r\none\r\n4;x=y\r\n two\r\n0\r\n\r\n',
      ),
    );
    const answer = await answerTo(handler, rangedGet(port));
    expect(answer).toMatchObject({ statusCode: 206, headers: { etag: '"e"' }, text: 'one two' });
  });

  it('may end with its connection', async () => {
    const { port } = await serve((peer) => peer.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
    expect((await answerTo(handler, rangedGet(port))).text).toBe('all of it');
  });

  it('may end with its connection by https', async () => {
    const certificate = selfSigned();
    server = await RawServer.start(
      [(peer) => peer.end(`HTTP/1.1 404 x\r\n\r\n${XML}`)],
      certificate,
    );
    handler.destroy();
    handler = handlerWith({ tls: { ca: certificate.cert } });
    const request = rangedGet(server.port, { protocol: 'https:', hostname: 'localhost' });
    expect(await answerTo(handler, request)).toMatchObject({ statusCode: 404, text: XML });
  });

  it('may follow interim ones', async () => {
    const { port } = await serve(
      bytes('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n'),
    );
    const answer = answerTo(handler, rangedGet(port));
    while (server!.requests.length === 0) await nextTurn();
    plain('range')(server!.peers[0]!, '');
    expect(await answer).toMatchObject({ statusCode: 206, text: 'range' });
  });

  it('may be longer than what is read at once', async () => {
    const long = 'x'.repeat(3_000_000);
    const { port } = await serve(bytes(`HTTP/1.1 404 x\r\nContent-Length: 3000000\r\n\r\n${long}`));
    expect((await answerTo(handler, rangedGet(port))).text).toBe(long);
  });

  it('has its fields as Node has them', async () => {
    const { port } = await serve(
      error('206 x', `Content-Length: ${XML.length}\r\nETag: a\r\nETag: b\r\nX: 1\r\nX: 2\r\n`),
    );
    expect((await answerTo(handler, rangedGet(port))).headers).toMatchObject({
      etag: 'a',
      x: '1, 2',
    });
  });

  it.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH\r\n', 'HPE_INVALID_CONSTANT'],
    [
      'has two lengths',
      'HTTP/1.1 206 x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      'HPE_UNEXPECTED_CONTENT_LENGTH',
    ],
    [
      'has a length and chunks',
      'HTTP/1.1 206 x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      'HPE_INVALID_TRANSFER_ENCODING',
    ],
    [
      'has a head without end',
      `HTTP/1.1 206 x\r\nX: ${'x'.repeat(2 * maxHeaderSize)}`,
      'HPE_HEADER_OVERFLOW',
    ],
  ])('and %s is refused, and its connection closed', async (_, text, code) => {
    const { port, peers } = await serve(bytes(text));
    await expect(handler.handle(rangedGet(port))).rejects.toMatchObject({ code });
    await closed(peers[0]);
  });

  it('and breaks off within its head is left to the SDK', async () => {
    const { port } = await serve((peer) => peer.end('HTTP/1.1 404 Not'));
    await expect(handler.handle(rangedGet(port))).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'ECONNRESET',
    });
  });

  it('and breaks off within its body fails there', async () => {
    const { port } = await serve((peer) =>
      peer.end('HTTP/1.1 404 x\r\nContent-Length: 9\r\n\r\nhalf'),
    );
    await expect(answerTo(handler, rangedGet(port))).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('and stands still fails in time', async () => {
    handler.destroy();
    handler = handlerWith({}, { silence: 50 });
    const { port } = await serve(bytes('HTTP/1.1 404 x\r\nContent-Length: 9\r\n\r\nhalf'));
    await expect(answerTo(handler, rangedGet(port))).rejects.toThrow();
  });

  it('and that is aborted ends its connection', async () => {
    const { port, peers } = await serve(bytes('HTTP/1.1 404 Not'));
    const abort = new AbortController();
    const answer = handler.handle(rangedGet(port), { abortSignal: abort.signal });
    while (server!.requests.length === 0) await nextTurn();
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    await closed(peers[0]);
  });
});
