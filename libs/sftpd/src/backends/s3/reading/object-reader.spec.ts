import { describe, expect, it } from '@jest/globals';

import { dice } from '../../../filesystem/open-files/spec-support/probe-storage.js';
import { TransferMemory } from '../transfer-memory.js';
import { DrivenSource } from './spec-support/driven-source.js';
import { KIB, LIMITS, readAt, readerOf, readInOrder, turn, until } from './spec-support/reading.js';

const MIB = 1024 * KIB;
const WINDOW = LIMITS.rangeSize * LIMITS.concurrency;

describe('a reader at random', () => {
  it('asks for exactly its bytes, each time', async () => {
    const setting = readerOf(new DrivenSource(4 * MIB).answerAll());
    const places = [3 * MIB, MIB, 2 * MIB, 5 * KIB, 2 * MIB + 1, 0];
    for (const at of places) expect(await readAt(setting, at, 4 * KIB)).toBe(4 * KIB);
    expect(setting.source.ranges).toEqual(places.map((at) => `${at}-${at + 4 * KIB}`));
    expect(setting.memory.used).toBe(0);
  });

  it('has no more GETs on their way than are allowed', async () => {
    const setting = readerOf(new DrivenSource(4 * MIB));
    const places = [9, 1, 7, 3, 5, 2].map((place) => place * 300_000);
    const reads = places.map((at) => readAt(setting, at, 1000));
    expect(setting.source.gets.length).toBe(LIMITS.concurrency);
    setting.source.answerAll();
    for (const get of [...setting.source.gets]) get.finish();
    expect(await Promise.all(reads)).toEqual(places.map(() => 1000));
    expect(setting.source.ranges).toEqual(places.map((at) => `${at}-${at + 1000}`));
  });

  it('names the version that was opened with every GET', async () => {
    const setting = readerOf(new DrivenSource(MIB).answerAll());
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 4 });
    expect(setting.source.gets.every(({ version }) => version === setting.source.object)).toBe(
      true,
    );
  });
});

describe('the end of the object', () => {
  it('shortens a READ, and is nothing to ask for', async () => {
    const setting = readerOf(new DrivenSource(1000).answerAll());
    expect(await readAt(setting, 900, 500)).toBe(100);
    expect([1000, 5000, 2 ** 52].map((at) => setting.reader.read(Buffer.alloc(10), at))).toEqual([
      0, 0, 0,
    ]);
    expect(setting.reader.read(Buffer.alloc(0), 5)).toBe(0);
    expect(setting.source.ranges).toEqual(['900-1000']);
  });

  it('costs an empty object no GET', () => {
    const { reader, source } = readerOf(new DrivenSource(0));
    expect(reader.read(Buffer.alloc(10), 0)).toBe(0);
    expect(source.gets).toEqual([]);
  });

  it('is never read past', async () => {
    const setting = readerOf(new DrivenSource(MIB + 12_345).answerAll());
    await readInOrder(setting, { to: 2 * MIB, length: 255 * KIB, inFlight: 1 });
    await readInOrder(setting, { to: MIB + 12_345, length: 32 * KIB, inFlight: 8 });
    expect(Math.max(...setting.source.gets.map(({ end }) => end))).toBe(MIB + 12_345);
  });
});

describe('a reader in order', () => {
  it.each([
    { length: 32 * KIB, inFlight: 1 },
    { length: 32 * KIB, inFlight: 64 },
    { length: 255 * KIB, inFlight: 64 },
    { length: 100_001, inFlight: 7 },
  ])(
    'with $inFlight READs of $length in flight asks for each byte once, in few ranges',
    async ({ length, inFlight }) => {
      const setting = readerOf(new DrivenSource(8 * MIB).answerAll());
      await readInOrder(setting, { to: 8 * MIB, length, inFlight });
      expect(setting.source.bytesAsked).toBe(8 * MIB);
      expect(setting.source.gets.length).toBeLessThanOrEqual((8 * MIB) / LIMITS.rangeSize + 6);
      setting.reader.close();
      expect(setting.memory.used).toBe(0);
    },
  );

  it('lets its bodies end, so that their connections are used again', async () => {
    const { source, ...setting } = readerOf(new DrivenSource(2 * MIB).answerAll());
    await readInOrder({ source, ...setting }, { to: 2 * MIB, length: 32 * KIB, inFlight: 8 });
    await until(() => source.gets.every(({ body }) => body.readableEnded));
    setting.reader.close();
    expect(source.gets.some(({ signal }) => signal.aborted)).toBe(false);
  });

  it('gets ranges that double from its READs up to the longest', async () => {
    const setting = readerOf(new DrivenSource(4 * MIB).answerAll());
    await readInOrder(setting, { to: 2 * MIB, length: 16 * KIB, inFlight: 1 });
    const lengths = setting.source.gets.map((get) => get.length / KIB);
    expect(lengths.slice(0, 7)).toEqual([16, 32, 64, 128, 256, 256, 256]);
    expect(Math.max(...lengths)).toBe(256);
  });

  it('has read ahead no more than a few times what it has asked for', async () => {
    const setting = readerOf(new DrivenSource(8 * MIB).answerAll());
    for (let at = 0; at < MIB; at += 16 * KIB) {
      await readAt(setting, at, 16 * KIB);
      expect(setting.source.bytesAsked).toBeLessThanOrEqual(6 * (at + 16 * KIB));
    }
  });

  it('has ranges on their way in parallel, as many as are allowed and never more', async () => {
    const source = new DrivenSource(8 * MIB).answerAll();
    const setting = readerOf(source);
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 1 });
    let most = 0;
    source.onGet = () => {
      most = Math.max(most, source.underWay.length);
    };
    const reading = readInOrder(setting, { from: MIB, to: 8 * MIB, length: 32 * KIB, inFlight: 8 });
    const answering = until(() => {
      source.underWay[0]?.finish();
      return source.last.end === 8 * MIB && source.underWay.length === 0;
    });
    await Promise.all([reading, answering]);
    expect(most).toBe(LIMITS.concurrency);
  });

  it('waits for its own bytes only, not for the range', async () => {
    const setting = readerOf(new DrivenSource(MIB));
    const { source } = setting;
    const first = readAt(setting, 0, 1000);
    source.last.finish();
    await first;
    const second = readAt(setting, 1000, 1000);
    const range = source.gets[1]!;
    expect(range.length).toBe(2000);
    range.send(999);
    await turn();
    const third = readAt(setting, 2000, 1000);
    range.send(1);
    expect(await second).toBe(1000);
    range.send(1000);
    expect(await third).toBe(1000);
  });

  it('is answered without a promise when the bytes are here', async () => {
    const setting = readerOf(new DrivenSource(MIB).answerAll());
    await readInOrder(setting, { to: 512 * KIB, length: 16 * KIB, inFlight: 1 });
    await turn();
    expect(setting.reader.read(Buffer.alloc(16 * KIB), 512 * KIB)).toBe(16 * KIB);
  });

  it('is never held more than the window, however many READs it sends and however slow it is', async () => {
    const setting = readerOf(new DrivenSource(16 * MIB).answerAll());
    await readInOrder(setting, { to: 2 * MIB, length: 64 * KIB, inFlight: 4 });
    await turn();
    expect(setting.memory.used).toBeLessThanOrEqual(WINDOW);
    const asked = setting.source.bytesAsked;
    expect(asked).toBeLessThanOrEqual(2 * MIB + WINDOW);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(setting.source.bytesAsked).toBe(asked);

    setting.source.onGet = () => undefined;
    const reads = Array.from({ length: 64 }, (_, index) =>
      readAt(setting, 2 * MIB + index * 128 * KIB, 128 * KIB),
    );
    await turn();
    expect(setting.memory.used).toBeLessThanOrEqual(WINDOW);
    setting.source.answerAll();
    for (const get of setting.source.underWay) get.finish();
    expect((await Promise.all(reads)).every((count) => count === 128 * KIB)).toBe(true);
    expect(setting.source.bytesAsked).toBeLessThanOrEqual(10 * MIB + WINDOW);
  });

  it('keeps its ranges when its READs overtake one another', async () => {
    const setting = readerOf(new DrivenSource(4 * MIB).answerAll());
    const random = dice(7);
    const length = 16 * KIB;
    const all = Array.from({ length: (4 * MIB) / length }, (_, index) => index * length);
    for (let index = 0; index + 4 < all.length; index += 2) {
      const other = index + 1 + random(3);
      [all[index], all[other]] = [all[other]!, all[index]!];
    }
    for (const at of all) await readAt(setting, at, length);
    expect(setting.source.bytesAsked).toBeLessThan(4.5 * MIB);
    expect(setting.source.gets.length).toBeLessThan(60);
  });

  it('gives the bytes of the object whatever is read when', async () => {
    const random = dice(20_261_124);
    const source = new DrivenSource(300_000);
    const setting = readerOf(source, { limits: { ...LIMITS, rangeSize: 20_000, concurrency: 3 } });
    source.onGet = (get) => {
      const send = async (): Promise<void> => {
        for (let left = get.length; left > 0; left -= 7000) {
          if (random(2) === 0) await turn();
          if (get.over) return;
          get.send(Math.min(left, 7000));
        }
        get.truncate();
      };
      void send();
    };
    let next = 0;
    for (let round = 0; round < 200; round += 1) {
      const reads = Array.from({ length: 1 + random(8) }, () => {
        const offset = random(8) === 0 ? random(310_000) : next;
        const length = 1 + random(9000);
        next = offset + length;
        return readAt(setting, offset, length).then((count) => {
          expect(count).toBe(Math.max(0, Math.min(length, 300_000 - offset)));
        });
      });
      await Promise.all(reads);
      expect(setting.memory.used).toBeLessThanOrEqual(60_000);
    }
    setting.reader.close();
    expect(setting.memory.used).toBe(0);
  });
});

describe('a seek', () => {
  it('drops what was read ahead, aborts its GETs and gives its memory back', async () => {
    const source = new DrivenSource(8 * MIB).answerAll();
    const setting = readerOf(source);
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 1 });
    source.onGet = (get) => {
      get.answer();
    };
    await readInOrder(setting, { from: MIB, to: MIB + 512 * KIB, length: 32 * KIB, inFlight: 1 });
    const ahead = source.underWay;
    expect(ahead.length).toBeGreaterThan(0);
    expect(setting.memory.used).toBeGreaterThan(0);
    const read = readAt(setting, 6 * MIB, 1000);
    await turn();
    expect(ahead.every(({ signal, body }) => signal.aborted && body.destroyed)).toBe(true);
    expect(setting.memory.used).toBe(0);
    expect([source.last.start, source.last.end]).toEqual([6 * MIB, 6 * MIB + 1000]);
    source.last.finish();
    expect(await read).toBe(1000);
  });

  it('does not take away what READs still wait for', async () => {
    const source = new DrivenSource(8 * MIB);
    const setting = readerOf(source);
    const reads = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => readAt(setting, index * 1000, 1000));
    const elsewhere = readAt(setting, 4 * MIB, 1000);
    source.answerAll();
    for (const get of source.underWay) get.finish();
    expect(await Promise.all([...reads, elsewhere])).toEqual(Array<number>(9).fill(1000));
    await turn();
    expect(setting.memory.used).toBe(0);
  });

  it('is followed by ranges again when the client goes on in order', async () => {
    const setting = readerOf(new DrivenSource(8 * MIB).answerAll());
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 4 });
    const before = setting.source.gets.length;
    await readInOrder(setting, { from: 4 * MIB, to: 5 * MIB, length: 32 * KIB, inFlight: 4 });
    expect(setting.source.gets.length - before).toBeLessThan(12);
  });
});

describe('memory', () => {
  it('that others have taken leaves one GET for each READ', async () => {
    const memory = new TransferMemory(MIB);
    memory.tryTake(MIB, false);
    const setting = readerOf(new DrivenSource(MIB).answerAll(), { memory });
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 8 });
    expect(setting.source.gets.length).toBe(32);
    expect(setting.source.bytesAsked).toBe(MIB);
    expect(memory.used).toBe(MIB);
  });

  it('is used again as soon as there is some', async () => {
    const memory = new TransferMemory(2 * MIB);
    memory.tryTake(2 * MIB, false);
    const setting = readerOf(new DrivenSource(2 * MIB).answerAll(), { memory });
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 4 });
    memory.give(2 * MIB);
    const before = setting.source.gets.length;
    await readInOrder(setting, { from: MIB, to: 2 * MIB, length: 32 * KIB, inFlight: 4 });
    expect(setting.source.gets.length - before).toBeLessThan(16);
  });

  it('beyond the first range ahead comes from the half that is for speed', async () => {
    const memory = new TransferMemory(8 * WINDOW);
    memory.tryTake(4 * WINDOW, false);
    const setting = readerOf(new DrivenSource(4 * MIB).answerAll(), { memory });
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 1 });
    await turn();
    const used = memory.used - 4 * WINDOW;
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(2 * LIMITS.rangeSize);
    await readInOrder(setting, { from: MIB, to: 4 * MIB, length: 255 * KIB, inFlight: 16 });
    expect(setting.source.bytesAsked).toBe(4 * MIB);
    setting.reader.close();
    expect(memory.used).toBe(4 * WINDOW);
  });

  it('of what was read is given back without waiting for the close', async () => {
    const setting = readerOf(new DrivenSource(2 * MIB).answerAll());
    await readInOrder(setting, { to: 2 * MIB, length: 255 * KIB, inFlight: 8 });
    expect(setting.memory.used).toBe(0);
  });
});
