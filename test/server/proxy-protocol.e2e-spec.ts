import { connect, type Socket } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';

import { type HaProxy, startHaProxy } from '../support/haproxy/haproxy.js';
import { type RawServer, startRawServer, type RawServerOptions } from '../support/raw-server.js';
import { within } from '../support/raw-transport.js';
import { attempt, logIn, serveOne, tryLogIn } from './support/log-in.js';
import { Refusals } from './support/refusals.js';
import { TcpPeer } from './support/tcp-peer.js';

const TRUSTED = { trusted: ['127.0.0.1'] };
const V1 = Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.1 54321 22\r\n');
const V1_IPV6 = Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::1 54321 22\r\n');
const V2_SIGNATURE = '0d0a0d0a000d0a515549540a';
const V2 = Buffer.from(`${V2_SIGNATURE}2111000fc0000207cb007101d4310016040000`, 'hex');
const V2_LOCAL = Buffer.from(`${V2_SIGNATURE}20000000`, 'hex');
const V2_UNSPEC = Buffer.from(`${V2_SIGNATURE}21000000`, 'hex');

let server: RawServer;
let refusals: Refusals;
/** Where sessions have come from, as the authenticator saw it. */
let peers: string[];

async function start(options: RawServerOptions['options'] = {}): Promise<number> {
  peers = [];
  server = await startRawServer({
    options: {
      proxyProtocol: TRUSTED,
      auth: {
        authenticatePassword: (_name: string, password: string, { address, port }) => {
          peers.push(`${address} ${port}`);
          return password === 'dev';
        },
      },
      ...options,
    },
  });
  refusals = new Refusals(server.events);
  return server.port;
}

afterEach(() => server.stop());

/** A connection whose first bytes are a header, sent at once or byte by byte. */
function behind(header: Buffer, piece = header.length): Socket {
  const sock = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
  for (let start = 0; start < header.length; start += piece) {
    sock.write(header.subarray(start, start + piece));
  }
  return sock;
}

async function peer(bytes: Buffer | string): Promise<TcpPeer> {
  return (await new TcpPeer(server.port).connected()).send(bytes);
}

describe('the header of a trusted balancer', () => {
  it.each([
    ['version 1', V1, '192.0.2.7 54321'],
    ['version 1, IPv6', V1_IPV6, '2001:db8::7 54321'],
    ['version 2 with additions', V2, '192.0.2.7 54321'],
  ])('%s tells who the client is', async (_title, header, client) => {
    await start();
    for (const piece of [header.length, 1]) {
      const connection = await logIn({ sock: behind(header, piece) });
      const sftp = await connection.channel();
      await sftp.init();
      await sftp.alive();
      await connection.end();
    }
    expect(peers).toEqual([client, client]);
    const [address = ''] = client.split(' ');
    expect(server.log.some(({ text }) => text.includes(`Connection from ${address} port`))).toBe(
      true,
    );
  });

  it.each([
    ['LOCAL', V2_LOCAL],
    ['an unspecified family', V2_UNSPEC],
    ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n')],
  ])('with %s the peer is the balancer', async (_title, header) => {
    await start();
    const sock = behind(header);
    const connection = await logIn({ sock });
    expect(peers).toEqual([`127.0.0.1 ${sock.localPort}`]);
    await connection.end();
  });

  it('in one packet with the identification takes none of it', async () => {
    await start();
    const sock = connect({ port: server.port, host: '127.0.0.1' });
    const write: (data: Buffer) => boolean = sock.write.bind(sock);
    let first = true;
    sock.write = (data: unknown) => {
      const bytes = Buffer.from(data as Buffer);
      const all = first ? Buffer.concat([V2, bytes]) : bytes;
      first = false;
      return write(all);
    };
    const connection = await logIn({ sock });
    expect(peers).toEqual(['192.0.2.7 54321']);
    await connection.end();
  });

  it.each([
    ['SSH without a header', 'SSH-2.0-x\r\n'],
    ['garbage', Buffer.alloc(5000, 7)],
    ['a header of version 1 that is too long', `PROXY TCP4 ${'1'.repeat(200)}`],
    ['a header of version 1 that is malformed', 'PROXY TCP4 192.0.2.7 203.0.113.1 54321\r\n'],
    ['a header of version 2 that is too long', Buffer.from(`${V2_SIGNATURE}2111ffff`, 'hex')],
    [
      'a header of version 2 that is too short',
      Buffer.from(`${V2_SIGNATURE}21110004c0000207`, 'hex'),
    ],
  ])('%s is refused', async (_title, bytes) => {
    await start();
    const rude = await peer(bytes);
    await rude.untilCut('a connection without a header');
    expect(rude.received).toHaveLength(0);
    expect(refusals.all).toMatchObject([{ reason: 'proxyProtocol', address: '127.0.0.1' }]);
    const warnings = server.log.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ text }) => text)).toEqual([
      expect.stringContaining('option proxyProtocol'),
    ]);
  });

  it.each([
    ['nothing', ''],
    ['half a header', V2.subarray(0, 20)],
  ])('%s in time is refused', async (_title, bytes) => {
    await start({ helloTimeout: 300, maxSessions: 1 });
    await (await peer(bytes)).untilCut('a balancer that says too little');
    expect(refusals.reasons).toEqual(['proxyProtocol']);
    const connection = await logIn({ sock: behind(V1) });
    await connection.end();
  });

  it('a look whether the port is open is no refusal; half a header and an end is one', async () => {
    await start({ maxSessions: 1 });
    const look = await new TcpPeer(server.port).connected();
    look.socket.end();
    await look.untilCut('a look');
    const half = await peer(V1.subarray(0, 10));
    half.socket.end();
    await half.untilCut('half a header');
    expect(refusals.reasons).toEqual(['proxyProtocol']);
    const connection = await logIn({ sock: behind(V1) });
    await connection.end();
  });

  it('from anybody else is no SSH, and believed by nobody', async () => {
    await start({ proxyProtocol: { trusted: ['127.0.0.5'] }, access: { deny: ['192.0.2.0/24'] } });
    await (await peer(V1)).untilCut('a header of a stranger');
    expect(refusals.all).toMatchObject([{ reason: 'protocol', address: '127.0.0.1' }]);
    await serveOne(server.port);
    expect(peers).toEqual([expect.stringMatching(/^127\.0\.0\.1 /)]);
  });
});

describe('what counts behind a balancer', () => {
  it('access lists look at the client, not at the balancer', async () => {
    await start({ access: { allow: ['192.0.2.0/24'] } });
    await (await logIn({ sock: behind(V1) })).end();
    await (await peer(V1_IPV6)).untilCut('a client that is not allowed');
    expect(refusals.all).toMatchObject([{ reason: 'access', address: '2001:db8::7', port: 54321 }]);
  });

  it('the limit per address counts clients', async () => {
    await start({ maxSessionsPerAddress: 1 });
    const first = await logIn({ sock: behind(V1) });
    const other = await logIn({ sock: behind(V1_IPV6) });
    await (await peer(V2)).untilCut('a second connection of a client');
    expect(refusals.all).toMatchObject([{ reason: 'maxSessionsPerAddress', address: '192.0.2.7' }]);
    await first.end();
    await other.end();
  });

  it('lockouts hit the client, and nobody else behind the balancer', async () => {
    await start({ lockout: { maxFailures: 2 } });
    for (let n = 0; n < 2; n++) await attempt({ sock: behind(V1), password: 'wrong' }).outcome;
    await refusals.count(1);
    const locked = await peer(V2);
    await locked.untilCut('a client that is locked out');
    expect(locked.received).toHaveLength(0);
    expect(new Set(refusals.all.map(({ address }) => address))).toEqual(new Set(['192.0.2.7']));
    await (await logIn({ sock: behind(V1_IPV6) })).end();
  });
});

describe('a real haproxy', () => {
  let proxy: HaProxy | undefined;
  afterEach(() => proxy?.stop());

  it.each(['send-proxy', 'send-proxy-v2', 'send-proxy-v2 proxy-v2-options crc32c,unique-id'])(
    '%s',
    async (parameters) => {
      const port = await start({ maxSessionsPerAddress: 1 });
      proxy = await startHaProxy(port, parameters);
      const client = { port: proxy.port, password: 'dev' };
      const guests = ['127.0.0.11', '127.0.0.12'].map((localAddress) =>
        attempt({ ...client, localAddress }),
      );
      for (const guest of guests) expect(await guest.outcome).toBe('logged in');
      expect(peers.map((each) => each.split(' ')[0]).sort()).toEqual(['127.0.0.11', '127.0.0.12']);
      expect(await tryLogIn({ ...client, localAddress: '127.0.0.11' })).not.toBe('logged in');
      expect(refusals.all).toMatchObject([
        { reason: 'maxSessionsPerAddress', address: '127.0.0.11' },
      ]);
      for (const { client: each } of guests) each.end();
    },
  );

  it('whose header is not expected, or that sends none, reaches nobody', async () => {
    const port = await start({ proxyProtocol: { trusted: ['127.0.0.5'] } });
    proxy = await startHaProxy(port, 'send-proxy');
    expect(await tryLogIn({ port: proxy.port, password: 'dev' })).not.toBe('logged in');
    await refusals.count(1);
    expect(new Set(refusals.reasons)).toEqual(new Set(['protocol']));
    await proxy.stop();
    await server.stop();
    const strict = await start();
    proxy = await startHaProxy(strict, '');
    expect(await tryLogIn({ port: proxy.port, password: 'dev' })).not.toBe('logged in');
    await refusals.count(1);
    expect(new Set(refusals.reasons)).toEqual(new Set(['proxyProtocol']));
  });

  it('may look whether the server is there', async () => {
    const port = await start();
    // It takes a server for gone whose SSH identification does not come after its header.
    proxy = await startHaProxy(port, 'send-proxy-v2 check inter 300ms fall 1', [
      'option tcp-check',
      'tcp-check expect string SSH-2.0-',
    ]);
    const checks = (): number =>
      server.log.filter(({ text }) => text.includes('Connection from 127.0.0.1 port')).length;
    const served = async (): Promise<void> => {
      while (checks() < 3) {
        const connection = await logIn({ port: proxy!.port, localAddress: '127.0.0.11' });
        await connection.end();
      }
    };
    await within(served(), 'three looks');
    expect(refusals.reasons).toEqual([]);
  });
});
