import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket, connect } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { BufferPool } from '../session/buffer-pool.js';
import { PacketBuffers } from './packet-buffers.js';

const PACKET_BYTES = 32 * 1024;

describe('PacketBuffers', () => {
  let peers: Socket[];
  let sender: Socket;
  let packets: PacketBuffers;

  beforeEach(async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const receiver = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [sender] = (await once(server, 'connection')) as [Socket];
    server.close();
    peers = [receiver, sender];
    packets = new PacketBuffers(new BufferPool(2 ** 20));
    packets.reclaimFrom(sender);
  });
  afterEach(() => {
    for (const peer of peers) peer.destroy();
  });

  it('gives the memory of a packet again once the socket has sent it, and not before', async () => {
    const [receiver] = peers;
    sender.cork();
    const first = packets.take(PACKET_BYTES).fill('a');
    sender.write(first);
    const second = packets.take(PACKET_BYTES);
    expect(second.buffer).not.toBe(first.buffer);
    let received = 0;
    receiver?.on('data', (chunk: Buffer) => (received += chunk.length));
    sender.uncork();
    while (received < PACKET_BYTES) await once(receiver!, 'data');
    expect(packets.take(PACKET_BYTES).buffer).toBe(first.buffer);
  });

  it('forgets what a broken socket has not sent', async () => {
    const packet = packets.take(PACKET_BYTES);
    sender.on('error', () => undefined);
    sender.cork();
    sender.write(packet);
    sender.destroy();
    await once(sender, 'close');
    expect(packets.take(PACKET_BYTES).buffer).not.toBe(packet.buffer);
  });

  it('uses each random byte once', () => {
    const drawn = new Set<string>();
    const packet = Buffer.alloc(40);
    for (let round = 0; round < 5000; round += 1) {
      packets.fillRandom(packet, 5, 21);
      drawn.add(packet.toString('hex', 5, 21));
    }
    expect(drawn.size).toBe(5000);
    expect(packet.subarray(0, 5).every((byte) => byte === 0)).toBe(true);
    expect(packet.subarray(21).every((byte) => byte === 0)).toBe(true);
  });
});
