import { describe, expect, it } from '@jest/globals';

import { MemoryBudget } from './memory-budget.js';
import { gate, settled } from './spec-support/probe-storage.js';

describe('MemoryBudget', () => {
  it('lets in who fits, and the others in the order in which they came', async () => {
    const budget = new MemoryBudget(100);
    const running: string[] = [];
    const gates = new Map<string, ReturnType<typeof gate>>();
    const use = (name: string, bytes: number): Promise<void> => {
      const own = gate();
      gates.set(name, own);
      return budget.use(bytes, async () => {
        running.push(name);
        await own.opened;
      });
    };
    const all = [use('a', 60), use('b', 40), use('c', 50), use('d', 10), use('e', 10)];
    await settled();
    expect(running).toEqual(['a', 'b']);
    gates.get('b')!.open();
    await settled();
    // There would be room for d, but it is not its turn.
    expect(running).toEqual(['a', 'b']);
    gates.get('a')!.open();
    await settled();
    expect(running).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (const name of ['c', 'd', 'e']) gates.get(name)!.open();
    await Promise.all(all);
  });

  it('lets in, alone, who needs more than there is', async () => {
    const budget = new MemoryBudget(100);
    expect(await budget.use(1000, () => Promise.resolve('done'))).toBe('done');
  });

  it('gives back what a task held that failed', async () => {
    const budget = new MemoryBudget(100);
    for (let round = 0; round < 3; round += 1) {
      await expect(budget.use(100, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    }
  });
});
