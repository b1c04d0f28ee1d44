import assert from 'node:assert/strict';
import type { VfsInfo } from '../../filesystem/file-info.js';
import { pattern } from './bytes.js';
import { at } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** `statVfs` (POSIX `statvfs`). */
export const statVfs: ContractGroup = ({ test, group }) => {
  group('statVfs', ['statVfs'], () => {
    test('tells plausible numbers of an empty storage', async (fx) => {
      assertPlausible(await fx.backend.statVfs(at('/'), fx.session));
    });

    test('tells plausible numbers after writes and removals, of any path', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', pattern(1_000_000, 9));
      for (const path of ['/', '/d', '/d/f']) {
        assertPlausible(await fx.backend.statVfs(at(path), fx.session));
      }
      await fx.delete('/d/f');
      assertPlausible(await fx.backend.statVfs(at('/d'), fx.session));
    });

    test('the longest name that it tells is one that a file can have', async (fx) => {
      const { maxNameLength = 255 } = await fx.backend.statVfs(at('/'), fx.session);
      await fx.put(`/${'n'.repeat(maxNameLength)}`, 'x');
      await fx.assertNames('/', ['n'.repeat(maxNameLength)]);
    });
  });
};

function assertPlausible(info: VfsInfo): void {
  const { blockSize, totalBlocks, freeBlocks, availableBlocks, totalFiles, freeFiles } = info;
  const numbers = { blockSize, totalBlocks, freeBlocks, availableBlocks, totalFiles, freeFiles };
  for (const [name, value] of Object.entries(numbers)) {
    assert.ok(Number.isInteger(value) && value >= 0, `${name}: ${value}`);
  }
  assert.ok(blockSize > 0, 'blockSize');
  assert.ok(totalBlocks > 0, 'totalBlocks');
  assert.ok(freeBlocks <= totalBlocks, 'freeBlocks');
  assert.ok(availableBlocks <= freeBlocks, 'availableBlocks');
  assert.ok(freeFiles <= totalFiles, 'freeFiles');
}
