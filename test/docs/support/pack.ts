import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { ROOT } from '../../smoke/child.js';
import { runOk } from '../../support/run-program.js';

/** Packs the built package as it would be published. @returns the tarball, in the directory */
export async function pack(npm: string, directory: string): Promise<string> {
  const library = path.join(ROOT, 'libs', 'sftpd');
  const options = ['--pack-destination', directory, '--ignore-scripts'];
  await runOk(npm, ['pack', library, ...options], { home: directory, timeout: 60_000 });
  const [tarball] = (await readdir(directory)).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack made no tarball');
  return path.join(directory, tarball);
}
