import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { httpAgents } from './http-agents.js';
import { selfSigned } from './spec-support/self-signed.js';

const BODY = randomBytes(3_000_000);

describe.each(['http', 'https'] as const)('a connection to the store by %s', (protocol) => {
  const agents = httpAgents({ keepAlive: true, maxSockets: 1 });
  let server: http.Server | https.Server;
  let connections = 0;

  beforeAll(async () => {
    const answer: http.RequestListener = (request, response) => {
      const body = request.url === '/large' ? BODY : Buffer.from(`the answer to ${request.url}`);
      response.writeHead(200, { 'content-length': body.length }).end(body);
    };
    server =
      protocol === 'http' ? http.createServer(answer) : https.createServer(selfSigned(), answer);
    server.on(protocol === 'http' ? 'connection' : 'secureConnection', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    agents.httpAgent.destroy();
    agents.httpsAgent.destroy();
    server.close();
    await once(server, 'close');
  });

  async function get(path: string): Promise<IncomingMessage> {
    const { port } = server.address() as AddressInfo;
    const where = { host: '127.0.0.1', port, path };
    const request =
      protocol === 'http'
        ? http.get({ ...where, agent: agents.httpAgent })
        : https.get({ ...where, agent: agents.httpsAgent, rejectUnauthorized: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  it('brings chunks that stay as they are while more is read', async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of await get('/large')) chunks.push(chunk as Buffer);
    expect(chunks.length).toBeGreaterThan(3);
    expect(Buffer.concat(chunks).equals(BODY)).toBe(true);
  });

  it('brings all to a reader that stops and goes on', async () => {
    const response = await get('/large');
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      response.pause();
      setImmediate(() => response.resume());
    });
    await once(response, 'end');
    expect(Buffer.concat(chunks).equals(BODY)).toBe(true);
  });

  it('keeps what came before anybody read', async () => {
    const response = await get('/large');
    await once(response, 'readable');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(BODY)).toBe(true);
  });

  it('is used again for the next request', async () => {
    for (const path of ['/a', '/b', '/c']) {
      const chunks: Buffer[] = [];
      for await (const chunk of await get(path)) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toBe(`the answer to ${path}`);
    }
    expect(connections).toBe(1);
  });
});

it('loses nothing of what nobody has taken yet', async () => {
  const { httpAgent } = httpAgents({});
  const server = createServer((peer) => {
    peer.write(BODY.subarray(0, 1000));
    peer.once('data', () => peer.end(BODY.subarray(1000)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = httpAgent.createConnection({ host: '127.0.0.1', port }) as Socket;
  await once(socket, 'readable');
  socket.write('more');
  while (socket.readableLength <= 1000) await nextTurn();
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  server.close();
  expect(Buffer.concat(chunks).equals(BODY)).toBe(true);
});
