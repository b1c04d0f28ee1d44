import { describe, expect, it } from '@jest/globals';

import { PacketType, StatusCode } from '../protocol/constants.js';
import { SftpError } from '../filesystem/sftp-error.js';
import {
  closeRequest,
  fileOf,
  open,
  openChannel,
  request,
  writeRequest,
} from './spec-support/channel.js';

interface Range {
  readonly from?: number;
  readonly length?: number;
  readonly to?: number;
}

function copyDataRequest(id: number, source: Buffer, target: Buffer, range: Range = {}): Buffer {
  const { from = 0, length = 0, to = 0 } = range;
  return request(PacketType.EXTENDED, id, (w) =>
    w.text('copy-data').bytes(source).uint64(from).uint64(length).bytes(target).uint64(to),
  );
}

describe('copy-data between files that never wait', () => {
  it('lets others have their turn between two blocks', async () => {
    const turns: number[] = [];
    let blocks = 0;
    const read = (target: Uint8Array): number => (++blocks > 20 ? 0 : target.length);
    const { client } = openChannel({ openFile: () => fileOf({ read }) });
    const source = await open(client, 1, '/source');
    const target = await open(client, 2, '/target');
    const take = (): void => {
      turns.push(blocks);
      if (blocks <= 20) setImmediate(take);
    };
    setImmediate(take);
    client.send(copyDataRequest(3, source, target));
    expect(await client.status(3)).toMatchObject({ code: StatusCode.OK });
    expect(turns.filter((at) => at < 20).length).toBeGreaterThan(5);
  });

  it('is given up when the client is gone, however long the source claims to be', async () => {
    const read = (target: Uint8Array): number => target.length;
    const { channel, client, log } = openChannel({ openFile: () => fileOf({ read }) });
    const source = await open(client, 1, '/source');
    const target = await open(client, 2, '/target');
    client.send(copyDataRequest(3, source, target));
    channel.peerGone();
    client.sendEof();
    await channel.closed;
    expect(log.lines.join('\n')).toContain('The client is gone');
  });
});

describe('copy-data in a storage that copies by itself', () => {
  const CONTENT = Buffer.from('content');

  /** Two open files, and what happened to the second. */
  async function twoFiles(taken: boolean) {
    const calls: string[] = [];
    const source = fileOf({
      read: (target, offset) => CONTENT.copy(target, 0, offset),
      stat: () => ({ type: 'regular', size: CONTENT.length }),
    });
    const target = fileOf({
      copyFrom: (file) => {
        calls.push(file === source ? 'copyFrom' : 'copyFrom another file');
        return taken;
      },
      write: (data, offset) => void calls.push(`write ${data.length} at ${offset}`),
    });
    const { client } = openChannel({ openFile: (path) => (path === '/source' ? source : target) });
    const handles = [await open(client, 1, '/source'), await open(client, 2, '/target')] as const;
    return { calls, client, handles };
  }

  it.each([0, CONTENT.length])(
    'leaves a whole file to it, asked for as %i bytes',
    async (length) => {
      const { calls, client, handles } = await twoFiles(true);
      client.send(copyDataRequest(3, ...handles, { length }));
      expect(await client.status(3)).toMatchObject({ code: StatusCode.OK });
      expect(calls).toEqual(['copyFrom']);
    },
  );

  it('copies block by block when the storage cannot', async () => {
    const { calls, client, handles } = await twoFiles(false);
    client.send(copyDataRequest(3, ...handles));
    expect(await client.status(3)).toMatchObject({ code: StatusCode.OK });
    expect(calls).toEqual(['copyFrom', 'write 7 at 0']);
  });

  it.each([{ from: 1 }, { to: 1 }, { length: 6 }])(
    'does not leave it a part, %p',
    async (range) => {
      const { calls, client, handles } = await twoFiles(true);
      client.send(copyDataRequest(3, ...handles, range));
      expect(await client.status(3)).toMatchObject({ code: StatusCode.OK });
      expect(calls).toEqual([expect.stringMatching(/^write/)]);
    },
  );

  it('does not let it replace what has been written', async () => {
    const { calls, client, handles } = await twoFiles(true);
    client.send(writeRequest(3, handles[1], Buffer.from('x')));
    client.send(copyDataRequest(4, ...handles));
    expect(await client.status(4)).toMatchObject({ code: StatusCode.OK });
    expect(calls).toEqual(['write 1 at 0', 'write 7 at 0']);
  });

  it('does not commit the target of a copy that failed', async () => {
    const copyFrom = (): Promise<boolean> => Promise.reject(new SftpError('EDQUOT'));
    const { client } = openChannel({ openFile: () => fileOf({ copyFrom }) });
    const source = await open(client, 1, '/source');
    const target = await open(client, 2, '/target');
    client.send(copyDataRequest(3, source, target), closeRequest(4, target));
    expect(await client.status(3)).toMatchObject({ code: StatusCode.FAILURE });
    expect(await client.status(4)).toMatchObject({ code: StatusCode.FAILURE });
  });
});
