import { describe, expect, it } from '@jest/globals';

import { PacketType, StatusCode } from '../protocol/constants.js';
import { fileOf, open, openChannel, request } from './spec-support/channel.js';

function copyDataRequest(id: number, source: Buffer, target: Buffer): Buffer {
  return request(PacketType.EXTENDED, id, (w) =>
    w.text('copy-data').bytes(source).uint64(0).uint64(0).bytes(target).uint64(0),
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
