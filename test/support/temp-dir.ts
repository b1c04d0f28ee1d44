import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for one test's files, gone after {@link TempDir.remove}. */
export interface TempDir {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Makes an empty directory that only this process uses.
 *
 * @param parent where it is made
 * @default parent the system's directory for temporary files
 */
export async function makeTempDir(parent: string = tmpdir()): Promise<TempDir> {
  const path = await mkdtemp(join(parent, 'sftpd-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
