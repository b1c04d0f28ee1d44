import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { CHUNK_SIZE } from './chunk-allocator.js';
import { ChunkedContent, MAX_FILE_SIZE } from './chunked-content.js';
import { Space } from './space.js';

function make(limit = Infinity): { content: ChunkedContent; space: Space } {
  const space = new Space(limit);
  return { content: new ChunkedContent(space), space };
}

function readAll(content: ChunkedContent): Buffer {
  const target = Buffer.alloc(content.size, 0xee);
  expect(content.read(target, 0)).toBe(content.size);
  return target;
}

describe('ChunkedContent', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('takes no more than its bytes for a file written at once', () => {
    const space = new Space(Infinity);
    for (let index = 0; index < 1000; index += 1) {
      new ChunkedContent(space).write(Buffer.alloc(4096, 1), 0);
    }
    expect(space.used).toBe(1000 * 4096);
  });

  it('takes less than double for a small file that grows, and exactly its size when trimmed', () => {
    const { content, space } = make();
    for (let size = 1; size <= 5000; size += 1) {
      content.write(Buffer.from([size & 0xff]), size - 1);
      expect(space.used).toBeLessThan(Math.max(2, size * 2));
    }
    const before = readAll(content);
    content.trim();
    expect(space.used).toBe(5000);
    expect(readAll(content)).toEqual(before);
  });

  it('allocates each chunk of a large file once, however small the writes', () => {
    const { content } = make();
    content.write(Buffer.alloc(CHUNK_SIZE, 1), 0);
    const alloc = jest.spyOn(Buffer, 'allocUnsafeSlow');
    const data = Buffer.alloc(1024, 2);
    alloc.mockClear();
    for (let at = CHUNK_SIZE; at < 9 * CHUNK_SIZE; at += data.length) content.write(data, at);
    expect(alloc).toHaveBeenCalledTimes(8);
  });

  it('reads and writes without allocating when the chunks are there', () => {
    const { content } = make();
    const data = Buffer.alloc(CHUNK_SIZE, 3);
    content.write(data, 0);
    content.write(data, CHUNK_SIZE);
    const alloc = jest.spyOn(Buffer, 'allocUnsafeSlow');
    content.write(data, 100);
    content.read(data, 50);
    expect(alloc).not.toHaveBeenCalled();
  });

  it('is not changed by a write of no bytes', () => {
    const { content } = make();
    content.write(Buffer.alloc(0), 100);
    expect(content.size).toBe(0);
  });

  it('takes nothing for holes, which read as zeros', () => {
    const { content, space } = make(100);
    content.write(Buffer.from('a'), 0);
    content.write(Buffer.from('z'), 10 * CHUNK_SIZE);
    expect(space.used).toBe(2);
    const expected = Buffer.alloc(10 * CHUNK_SIZE + 1);
    expected.write('a', 0);
    expected.write('z', 10 * CHUNK_SIZE);
    expect(readAll(content).equals(expected)).toBe(true);
  });

  it('frees what is cut off, and zeros what comes back', () => {
    const { content, space } = make();
    content.write(Buffer.alloc(3 * CHUNK_SIZE, 7), 0);
    content.resize(CHUNK_SIZE + 10);
    expect(space.used).toBe(CHUNK_SIZE + 10);
    content.resize(3 * CHUNK_SIZE);
    expect(space.used).toBe(CHUNK_SIZE + 10);
    const expected = Buffer.alloc(3 * CHUNK_SIZE);
    expected.fill(7, 0, CHUNK_SIZE + 10);
    expect(readAll(content).equals(expected)).toBe(true);
    content.resize(0);
    expect(space.used).toBe(0);
  });

  it('frees the few chunks of a huge sparse file without walking over its holes', () => {
    const { content, space } = make();
    content.write(Buffer.from('x'), 5);
    content.write(Buffer.from('y'), MAX_FILE_SIZE - 1);
    expect(content.size).toBe(MAX_FILE_SIZE);
    content.resize(6);
    expect(space.used).toBe(6);
    content.resize(0);
    expect(space.used).toBe(0);
  });

  it('refuses what goes past the largest size (EFBIG) and stays as it was', () => {
    const { content, space } = make();
    content.write(Buffer.from('x'), 0);
    const efbig = expect.objectContaining({ code: 'EFBIG' });
    for (const offset of [MAX_FILE_SIZE, 2 ** 53 - 1, 2 ** 63]) {
      expect(() => content.write(Buffer.from('y'), offset)).toThrow(efbig);
    }
    expect(() => content.resize(MAX_FILE_SIZE + 1)).toThrow(efbig);
    expect([content.size, space.used]).toEqual([1, 1]);
    expect(content.read(Buffer.alloc(1), 2 ** 53 - 1)).toBe(0);
  });

  describe('at its limit', () => {
    const enospc = expect.objectContaining({ code: 'ENOSPC' });

    it('can be filled to the last byte, in any steps', () => {
      for (const step of [1, 3, 700, 1000]) {
        const { content, space } = make(1000);
        for (let at = 0; at < 1000; at += step) {
          content.write(Buffer.alloc(Math.min(step, 1000 - at), 1), at);
        }
        expect(content.size).toBe(1000);
        expect(space.used).toBe(1000);
        expect(() => content.write(Buffer.from('x'), 1000)).toThrow(enospc);
      }
    });

    it('can be filled to the last byte over several chunks', () => {
      const limit = 3 * CHUNK_SIZE + 5;
      const { content, space } = make(limit);
      const data = Buffer.alloc(32 * 1024, 1);
      for (let at = 0; at < limit; at += data.length) {
        content.write(data.subarray(0, Math.min(data.length, limit - at)), at);
      }
      expect([content.size, space.used]).toEqual([limit, limit]);
    });

    it('leaves everything as it was when a write does not fit, also over chunks', () => {
      const { content, space } = make(CHUNK_SIZE + 100);
      content.write(Buffer.alloc(CHUNK_SIZE, 1), 0);
      const before = readAll(content);
      expect(() => content.write(Buffer.alloc(200, 2), CHUNK_SIZE - 50)).toThrow(enospc);
      expect(space.used).toBe(CHUNK_SIZE);
      expect(readAll(content).equals(before)).toBe(true);
    });

    it('can still be overwritten', () => {
      const { content } = make(2 * CHUNK_SIZE);
      content.write(Buffer.alloc(2 * CHUNK_SIZE, 1), 0);
      content.write(Buffer.alloc(CHUNK_SIZE, 2), 1000);
      const expected = Buffer.alloc(2 * CHUNK_SIZE, 1);
      expected.fill(2, 1000, 1000 + CHUNK_SIZE);
      expect(readAll(content).equals(expected)).toBe(true);
    });

    it('refuses a copy that does not fit and takes nothing for it', () => {
      const { content, space } = make(150);
      content.write(Buffer.alloc(100, 1), 0);
      expect(() => content.clone()).toThrow(enospc);
      expect(space.used).toBe(100);
    });
  });

  describe('when the process has no memory left', () => {
    const noMemory = (): never => {
      throw new RangeError('Array buffer allocation failed');
    };
    const enospc = expect.objectContaining({ code: 'ENOSPC' });

    it('refuses a write (ENOSPC) and stays as it was, whichever chunk fails', () => {
      const { content, space } = make();
      content.write(Buffer.from('abc'), 0);
      const data = Buffer.alloc(2 * CHUNK_SIZE, 2);
      const real = Buffer.allocUnsafeSlow.bind(Buffer);
      jest
        .spyOn(Buffer, 'allocUnsafeSlow')
        .mockImplementationOnce((size) => real(size))
        .mockImplementationOnce(noMemory);
      expect(() => content.write(data, 1)).toThrow(enospc);
      jest.restoreAllMocks();
      expect(space.used).toBe(3);
      expect(readAll(content).toString()).toBe('abc');
    });

    it('refuses a copy (ENOSPC) and takes nothing for it', () => {
      const { content, space } = make();
      content.write(Buffer.from('abc'), 0);
      jest.spyOn(Buffer, 'allocUnsafeSlow').mockImplementationOnce(noMemory);
      expect(() => content.clone()).toThrow(enospc);
      expect(space.used).toBe(3);
    });

    it('still cuts a file, and what was cut reads as zeros', () => {
      const { content } = make();
      content.write(Buffer.from('abcdef'), 0);
      jest.spyOn(Buffer, 'allocUnsafeSlow').mockImplementationOnce(noMemory);
      content.resize(2);
      content.resize(4);
      expect(readAll(content).toString()).toBe('ab\0\0');
    });
  });

  it('does what a plain buffer does, and counts exactly, through random operations', () => {
    const { content, space } = make();
    let model = Buffer.alloc(0);
    let state = 12_345;
    const dice = (sides: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * sides);
    };
    for (let round = 0; round < 600; round += 1) {
      const kind = dice(10);
      const offset = dice(4 * CHUNK_SIZE);
      if (kind < 7) {
        const data = Buffer.alloc(1 + dice(kind < 4 ? 3000 : CHUNK_SIZE + 10), 1 + dice(255));
        content.write(data, offset);
        model = extended(model, Math.max(model.length, offset + data.length));
        data.copy(model, offset);
      } else if (kind < 9) {
        content.resize(offset);
        model = extended(model.subarray(0, offset), offset);
      } else {
        content.trim();
      }
      expect(content.size).toBe(model.length);
      const target = Buffer.alloc(1 + dice(CHUNK_SIZE), 0xee);
      const from = dice(4 * CHUNK_SIZE);
      const count = content.read(target, from);
      expect(target.subarray(0, count).equals(model.subarray(from, from + target.length))).toBe(
        true,
      );
    }
    expect(readAll(content).equals(model)).toBe(true);
    const copy = content.clone();
    const together = space.used;
    content.resize(0);
    expect(readAll(copy).equals(model)).toBe(true);
    expect(space.used).toBe(together / 2);
    copy.resize(0);
    expect(space.used).toBe(0);
  });
});

function extended(buffer: Buffer, length: number): Buffer<ArrayBuffer> {
  const longer = Buffer.alloc(length);
  buffer.copy(longer);
  return longer;
}
