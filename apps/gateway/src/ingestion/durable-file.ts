import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file whole or not at all: whoever reads it sees the old content or the new, even after a power failure.
 *
 * @returns when content and name are on the medium
 */
export async function writeDurably(file: string, text: string): Promise<void> {
  const directory = path.dirname(file);
  const unfinished = path.join(directory, `.${path.basename(file)}.new`);
  try {
    const handle = await open(unfinished, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    // On a full disk each refused upload would leave one behind.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(directory);
}

/** Forces the names in a directory to the medium. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
