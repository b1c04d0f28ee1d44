import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { MEMORY_DIRECTORY } from './spec-support/scratch.js';
import { StorageSpeed } from './storage-speed.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

async function promptness(root: string, allowed = true): Promise<boolean> {
  const speed = new StorageSpeed(allowed);
  await speed.look(root);
  return speed.prompt;
}

onLinux('StorageSpeed', () => {
  it('calls a directory in memory prompt', async () => {
    const directory = await mkdtemp(path.join(MEMORY_DIRECTORY, 'storage-speed-'));
    try {
      expect(await promptness(directory)).toBe(true);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('does not when it may not', async () => {
    expect(await promptness(MEMORY_DIRECTORY, false)).toBe(false);
  });

  it('does not trust what another file system is mounted below', async () => {
    // Memory itself, with /dev/shm and /dev/pts mounted in it.
    expect(await promptness('/dev')).toBe(false);
  });

  it.each(['/proc', '/sys', '/no/such/directory'])('does not call %s prompt', async (root) => {
    expect(await promptness(root)).toBe(false);
  });

  it('does not call anything prompt before it has looked', () => {
    expect(new StorageSpeed(true).prompt).toBe(false);
  });
});
