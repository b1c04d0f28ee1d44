import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';

import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { whereUsable } from '../support/client-tools.js';
import { type FaultProxy, PROXY_REQUEST_ID } from '../support/fault-proxy.js';
import { anyRequest, type Fault } from '../support/fault-rules.js';
import { getFile, listAll, putFile } from '../support/raw-files.js';
import * as requests from '../support/raw-requests.js';
import type { RawReply } from '../support/raw-replies.js';
import { outcomeOf, type RawSftpClient } from '../support/raw-sftp-client.js';
import { FXF } from '../support/raw-wire.js';
import type { S3Target } from '../support/s3-server.js';
import { type FaultSetup, SECRET_PREFIX, startFaultSetup } from './support/fault-setup.js';
import { openChannel } from './support/s3-gateway.js';

jest.setTimeout(60_000);

/** Short enough for two requests, one after the other, to fail while a client waits. */
const LIMITS = { socketTimeout: 800, maxAttempts: 2, requestTimeout: 1500, transferTimeout: 1500 };

whereUsable('requests to a store that fails', [findCeph()], (reasonToSkip) => {
  const describeOrSkip = reasonToSkip === undefined ? describe : describe.skip;

  describeOrSkip('every request over a store that', () => {
    let store: CephStore | undefined;
    let setup: FaultSetup | undefined;
    let proxy: FaultProxy;
    let target: S3Target;

    beforeAll(async () => {
      store = await startCeph();
    });

    beforeEach(async () => {
      if (store === undefined) throw new Error('The store does not run');
      setup = await startFaultSetup(store, LIMITS);
      ({ proxy, target } = setup);
    });

    afterEach(async () => {
      proxy.clear();
      await setup?.stop();
      setup = undefined;
    });

    afterAll(async () => {
      await store?.stop();
    });

    const FAULTS: readonly (readonly [string, Fault, string])[] = [
      ['answers 503', { status: 503 }, 'FAILURE'],
      ['answers 500', { status: 500, code: 'InternalError' }, 'FAILURE'],
      ['answers 403', { status: 403, code: 'AccessDenied' }, 'PERMISSION_DENIED'],
      ['answers 404 NoSuchBucket', { status: 404, code: 'NoSuchBucket' }, 'NO_SUCH_FILE|FAILURE'],
      [
        'answers nonsense',
        { status: 299, code: 'Nonsense' },
        'FAILURE|NO_SUCH_FILE|PERMISSION_DENIED',
      ],
      ['breaks every connection', { cutUploadAfter: 1, truncateAfter: 1 }, 'FAILURE|NO_SUCH_FILE'],
      ['never answers', { hang: true }, 'FAILURE'],
    ];

    describe.each(FAULTS)('%s', (_how, fault, expected) => {
      it('fails each request in time, tells nothing of itself, and costs no channel', async () => {
        const channel = await openChannel(target);
        await putFile(channel, '/file', 'content');
        const reading = await channel.handle(requests.open('/file', FXF.READ));
        const writing = await channel.handle(requests.open('/new', FXF.WRITE | FXF.CREAT));
        await channel.ok(requests.write(writing, 0, 'content'));
        const channels: RawSftpClient[] = [];
        for (let index = 0; index < 9; index += 1) channels.push(await openChannel(target));
        proxy.when(anyRequest, fault);

        // Each on a channel of its own: on one, some would wait for others to fail first.
        const alone = [
          requests.stat('/file'),
          requests.stat('/other'),
          requests.open('/file', FXF.READ),
          requests.open('/created', FXF.WRITE | FXF.CREAT | FXF.EXCL),
          requests.opendir('/'),
          requests.mkdir('/dir'),
          requests.remove('/file'),
          requests.rename('/file', '/renamed'),
          requests.setstat('/file', { permissions: 0o600 }),
        ].map((request, index) => channels[index]!.request(request));
        const together = channel.pipeline([
          requests.read(reading, 0, 100),
          requests.close(writing),
        ]);
        // What needs no store is answered meanwhile.
        await channel.alive();
        const replies = [...(await Promise.all(alone)), ...(await together)];
        const failed = replies.filter(({ kind }) => kind === 'STATUS').map(outcomeOf);
        expect(failed.join(' ')).toMatch(new RegExp(`^((${expected}|OK)( |$))+$`));
        expect(failed.filter((outcome) => outcome !== 'OK').length).toBeGreaterThan(5);
        expect(replies.at(-1)).not.toMatchObject({ status: 'OK' });
        const all = [channel, ...channels];
        expectNoSecrets(all.flatMap(({ arrivals }) => arrivals));

        proxy.clear();
        await Promise.all(channels.map((each) => each.alive()));
        await putFile(channel, '/after', 'served again');
        expect((await getFile(channel, '/after')).toString()).toBe('served again');
        const names = (await listAll(channel, '/')).map(({ filename }) => filename);
        // Whoever breaks connections may have done first what it was asked to.
        const others = names.filter((name) => name !== 'file');
        expect(others.sort()).toEqual(['.', '..', 'after']);
        expectNoSecrets(channel.arrivals);
      });
    });

    it('is there no more tells nothing of itself either', async () => {
      const channel = await openChannel(target);
      await proxy.stop();
      expect(await channel.outcome(requests.stat('/file'))).toBe('FAILURE');
      expect(await channel.outcome(requests.opendir('/'))).toBe('FAILURE');
      expectNoSecrets(channel.arrivals);
      setup = undefined;
      await target.stop();
    });

    /** No text that a client was sent may lead to the store. */
    function expectNoSecrets(replies: readonly RawReply[]): void {
      const messages = replies.flatMap((reply) => (reply.kind === 'STATUS' ? [reply.message] : []));
      expect(messages.length).toBeGreaterThan(0);
      const { port } = new URL(proxy.endpoint);
      const secrets = [target.storage.bucket, SECRET_PREFIX.slice(0, -1), port, PROXY_REQUEST_ID];
      const words = ['127.0.0.1', 'SlowDown', 'AccessDenied', 'NoSuchBucket', 'XML', 'Error:'];
      for (const secret of [...secrets, ...words]) {
        expect(messages.filter((message) => message.includes(secret))).toEqual([]);
      }
    }
  });
});
