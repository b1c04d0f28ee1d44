import { describe, expect, it } from '@jest/globals';

import { TransferBuffers } from '../transfer-buffers.js';
import { DrivenSource } from './spec-support/driven-source.js';
import { KIB, LIMITS, readerOf, readInOrder } from './spec-support/reading.js';

describe('the buffers of ranges', () => {
  it('serves a long download from as many buffers as the window has', async () => {
    const taken = new Set<Buffer>();
    const returned: Buffer[] = [];
    let takes = 0;
    class Watched extends TransferBuffers {
      override take(length: number): Buffer {
        const buffer = super.take(length);
        if (length === LIMITS.rangeSize) {
          taken.add(buffer);
          takes += 1;
        }
        return buffer;
      }
      override give(buffer: Buffer): void {
        if (buffer.length === LIMITS.rangeSize) returned.push(buffer);
        super.give(buffer);
      }
    }
    const setting = readerOf(new DrivenSource(16 * KIB * KIB).answerAll(), {
      buffers: new Watched(LIMITS.rangeSize, LIMITS.concurrency),
    });
    await readInOrder(setting, { to: 16 * KIB * KIB, length: 64 * KIB, inFlight: 8 });
    setting.reader.close();
    expect(takes).toBeGreaterThan(55);
    expect(taken.size).toBeLessThanOrEqual(LIMITS.concurrency + 1);
    expect(returned.length).toBe(takes);
  });
});
