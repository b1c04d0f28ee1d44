import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { succeed } from './program.mjs';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** Tries of a command that needs the network, and milliseconds between the first two of them. */
const TRIES = 3;
const PAUSE = 5000;

/** The environment of somebody who runs npm, and is not a script of this workspace. */
export function asUser() {
  const ofScripts = /^(npm_(package|lifecycle|command|execpath|node_execpath)|INIT_CWD$|NODE$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofScripts.test(name)));
}

/**
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function npm(args, cwd) {
  return succeed('npm', [...args, '--loglevel=error'], { cwd, env: asUser() });
}

/**
 * Packs the package as it would be published; it must be built.
 *
 * @param {string} directory where the tarball goes
 * @returns {Promise<string>} the tarball's path
 */
export async function pack(directory) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory];
  const [packed] = JSON.parse(await npm(args, path.join(ROOT, 'libs', 'sftpd')));
  return path.join(directory, packed.filename);
}

/**
 * Installs what the `package.json` of a directory asks for, from npm's cache or the registry.
 *
 * @param {string} directory
 * @param {readonly string[]} [options] of `npm install`
 */
export async function install(directory, options = []) {
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', ...options];
  for (let attempt = 1; ; attempt++) {
    try {
      await npm(args, directory);
      return;
    } catch (error) {
      if (attempt === TRIES) throw error;
      process.stderr.write(`try ${attempt} of ${TRIES} failed: ${error.message}\n`);
      await setTimeout(attempt * PAUSE);
    }
  }
}
