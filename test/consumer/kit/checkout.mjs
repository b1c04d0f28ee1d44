import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';

import { succeed } from './program.mjs';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/**
 * Copies the files of this checkout that a clone of it would have, in the state in which they are.
 *
 * @param {string} target a directory that is made
 */
export async function copyCheckout(target) {
  const options = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = await succeed('git', options, { cwd: ROOT });
  const files = new Set(listed.split('\0').filter((file) => file !== ''));
  for (const file of files) {
    await mkdir(path.join(target, path.dirname(file)), { recursive: true });
    await cp(path.join(ROOT, file), path.join(target, file)).catch(unlessRemoved);
  }
}

/** A file that is removed from the checkout, and that git does not know of yet. */
function unlessRemoved(error) {
  if (error.code !== 'ENOENT') throw error;
}
