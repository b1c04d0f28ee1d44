import { describe, expect, it } from '@jest/globals';

import type { OpenFile } from '../open-file.js';
import { SftpError } from '../sftp-error.js';
import { dice, gate, ProbeStorage, settled } from './spec-support/probe-storage.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const LIMIT = 1024 * KIB;

describe('reading by ranges', () => {
  it.each([32 * KIB, 255 * KIB])(
    'turns reads of %i bytes, 64 in flight, into few ranges',
    async (length) => {
      const storage = storageOf(16 * MIB);
      const file = await open(storage);
      const content = await readAll(file, 16 * MIB, length, 64);
      expect(content.equals(storage.files.get('/f')!)).toBe(true);
      expect(storage.calls.length).toBeLessThanOrEqual((16 * MIB) / (512 * KIB) + 8);
    },
  );

  it('reads each byte once, also for a client that waits for each reply', async () => {
    const storage = storageOf(4 * MIB);
    const file = await open(storage);
    await readAll(file, 4 * MIB, 32 * KIB, 1);
    const ranges = rangesOf(storage);
    expect(ranges.reduce((sum, { length }) => sum + length, 0)).toBe(4 * MIB);
    expect(ranges.length).toBeLessThanOrEqual(16);
  });

  it('has the next range under way before the client needs it', async () => {
    const storage = storageOf(8 * MIB);
    const file = await open(storage);
    for (let at = 0; at < 2 * MIB; at += 32 * KIB) await file.read(Buffer.alloc(32 * KIB), at);
    const asked = rangesOf(storage).at(-1)!;
    expect(asked.offset + asked.length).toBeGreaterThan(2 * MIB);
    await file.close();
  });

  it('never holds more than the limit ahead of what was asked for', async () => {
    const storage = storageOf(8 * MIB);
    const file = await open(storage);
    let asked = 0;
    let ahead = 0;
    storage.before = (call) => {
      const [offset = 0, length = 0] = call.split(' ')[1]!.split('+').map(Number);
      ahead = Math.max(ahead, offset + length - asked);
    };
    for (let at = 0; at < 8 * MIB; at += 32 * KIB) {
      asked = at + 32 * KIB;
      await file.read(Buffer.alloc(32 * KIB), at);
    }
    expect(ahead).toBeGreaterThan(LIMIT / 4);
    expect(ahead).toBeLessThanOrEqual(LIMIT);
  });

  it('asks for exactly what is wanted at random places', async () => {
    const storage = storageOf(4 * MIB);
    const file = await open(storage);
    for (const at of [3 * MIB, MIB, 2 * MIB, 5 * KIB, 3 * MIB]) {
      await file.read(Buffer.alloc(4 * KIB), at);
    }
    expect(storage.calls).toEqual(
      [3 * MIB, MIB, 2 * MIB, 5 * KIB, 3 * MIB].map((at) => `readFileRange ${at}+${4 * KIB}`),
    );
  });

  it('asks for the first read alone, and drops what it read ahead after a seek', async () => {
    const storage = storageOf(4 * MIB);
    const file = await open(storage);
    await readAll(file, MIB, 32 * KIB, 1);
    expect(storage.calls[0]).toBe(`readFileRange 0+${32 * KIB}`);
    const before = storage.calls.length;
    await file.read(Buffer.alloc(1000), 3 * MIB);
    await file.read(Buffer.alloc(1000), 3 * MIB + 2000);
    expect(storage.calls.slice(before)).toEqual([
      `readFileRange ${3 * MIB}+1000`,
      `readFileRange ${3 * MIB + 2000}+1000`,
    ]);
  });

  it('reads nothing ahead when it may hold nothing', async () => {
    const storage = storageOf(MIB);
    const file = await storage.open(
      ['readFileRange'],
      '/f',
      { read: true },
      { maxReadAheadBytes: 0 },
    );
    await readAll(file, MIB, 32 * KIB, 8);
    expect(storage.calls.length).toBe(32);
  });

  it('shares a range among reads that overlap at the same time', async () => {
    const storage = storageOf(MIB);
    const { opened, open: release } = gate();
    storage.before = () => opened;
    const file = await open(storage);
    const reads = [5000, 5000, 5500].map(async (at) => file.read(Buffer.alloc(1000), at));
    release();
    expect(await Promise.all(reads)).toEqual([1000, 1000, 1000]);
    expect(storage.calls).toEqual(['readFileRange 5000+1000', 'readFileRange 6000+500']);
  });

  it('gives the bytes of the file whatever is read when', async () => {
    const seed = 20_260_401;
    const random = dice(seed);
    const storage = storageOf(300_000);
    const content = storage.files.get('/f')!;
    const file = await open(storage);
    storage.before = async () => {
      if (random(2) === 0) await settled();
    };
    let next = 0;
    for (let round = 0; round < 200; round += 1) {
      const reads = Array.from({ length: 1 + random(6) }, async () => {
        const offset = random(3) === 0 ? random(310_000) : next;
        const target = Buffer.alloc(1 + random(20_000));
        next = offset + target.length;
        const count = await file.read(target, offset);
        expect(
          target.subarray(0, count).equals(content.subarray(offset, offset + target.length)),
        ).toBe(true);
      });
      await Promise.all(reads);
    }
  });

  it('reads nothing past the end, and sees a file that has grown', async () => {
    const storage = storageOf(100 * KIB);
    const file = await open(storage);
    await readAll(file, 100 * KIB, 32 * KIB, 1);
    for (const { offset, length } of rangesOf(storage)) {
      expect(offset + length).toBeLessThanOrEqual(128 * KIB);
    }
    expect(await file.read(Buffer.alloc(10), 100 * KIB)).toBe(0);
    storage.files.set('/f', Buffer.concat([storage.files.get('/f')!, Buffer.from('more')]));
    const target = Buffer.alloc(10);
    expect(await file.read(target, 100 * KIB)).toBe(4);
    expect(target.toString('utf8', 0, 4)).toBe('more');
  });
});

describe('a range that fails', () => {
  it('fails the read that needed it, which can be tried again', async () => {
    const storage = storageOf(MIB);
    storage.before = () => {
      storage.before = () => undefined;
      throw new SftpError('EACCES');
    };
    const file = await open(storage);
    await expect(file.read(Buffer.alloc(1000), 0)).rejects.toMatchObject({ code: 'EACCES' });
    expect(await file.read(Buffer.alloc(1000), 0)).toBe(1000);
  });

  it('does not fail reads whose own bytes can be read', async () => {
    const storage = storageOf(MIB);
    storage.before = (call) => {
      if (!call.endsWith(`+${32 * KIB}`)) throw new SftpError('EIO');
    };
    const file = await open(storage);
    const content = await readAll(file, MIB, 32 * KIB, 8);
    expect(content.equals(storage.files.get('/f')!)).toBe(true);
  });

  it('is nobody’s concern when it was read ahead and is not needed', async () => {
    const storage = storageOf(4 * MIB);
    const { opened, open: fail } = gate();
    const file = await open(storage);
    for (let at = 0; at < 3 * 32 * KIB; at += 32 * KIB) {
      if (at === 2 * 32 * KIB) {
        storage.before = async () => {
          await opened;
          throw new SftpError('EIO');
        };
      }
      await file.read(Buffer.alloc(32 * KIB), at);
    }
    expect(storage.calls.length).toBe(3);
    fail();
    await settled();
    storage.before = () => undefined;
    expect(await file.read(Buffer.alloc(32 * KIB), 3 * 32 * KIB)).toBe(32 * KIB);
  });

  it('or comes after the close, is nobody’s concern, and the close does not wait for it', async () => {
    for (const outcome of ['fails', 'comes', 'never comes']) {
      const storage = storageOf(4 * MIB);
      const { opened, open: release } = gate();
      const file = await open(storage);
      await file.read(Buffer.alloc(32 * KIB), 0);
      await file.read(Buffer.alloc(32 * KIB), 32 * KIB);
      storage.before = async () => {
        await opened;
        if (outcome === 'fails') throw new Error('too late');
      };
      await file.read(Buffer.alloc(32 * KIB), 64 * KIB);
      const before = storage.calls.length;
      await file.close();
      if (outcome !== 'never comes') release();
      await settled();
      expect(storage.calls.length).toBe(before);
      await expect(file.read(Buffer.alloc(1), 0)).rejects.toMatchObject({ code: 'EBADF' });
    }
  });

  it.each([
    ['too many bytes', Buffer.alloc(1001)],
    ['no bytes', 'text'],
    ['nothing', undefined],
  ])('is EIO with %s', async (_what, returned) => {
    const storage = storageOf(MIB);
    storage.instead = { readFileRange: () => returned };
    const file = await open(storage);
    await expect(file.read(Buffer.alloc(1000), 0)).rejects.toMatchObject({ code: 'EIO' });
  });
});

/** A file in which every four bytes tell where they are. */
function storageOf(length: number): ProbeStorage {
  const storage = new ProbeStorage();
  const { imul } = Math;
  const words = new Uint32Array(length / 4);
  for (let at = 0; at < length / 4; at += 1) words[at] = imul(at + 1, 0x9e3779b1);
  const content = Buffer.from(words.buffer);
  storage.files.set('/f', content);
  return storage;
}

function open(storage: ProbeStorage): Promise<OpenFile> {
  return storage.open(['readFileRange'], '/f', { read: true }, { maxReadAheadBytes: LIMIT });
}

/** Reads as a client does that has so many requests in flight and sends another one for each reply. */
async function readAll(
  file: OpenFile,
  size: number,
  length: number,
  inFlight: number,
): Promise<Buffer> {
  const content = Buffer.alloc(size);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < size) {
      const at = next;
      next += length;
      const target = content.subarray(at, at + length);
      expect(await file.read(target, at)).toBe(target.length);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return content;
}

function rangesOf(storage: ProbeStorage): { offset: number; length: number }[] {
  return storage.callsOf('readFileRange').map((call) => {
    const [offset = 0, length = 0] = call.split(' ')[1]!.split('+').map(Number);
    return { offset, length };
  });
}
