// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { CLIENTS, isAboutClients, shownBy } from './clients.mjs';

/** What the tests have last shown. Not kept in the repository: each run writes it anew. */
export const RESULTS = path.join('test-results', 'clients.json');

/**
 * @typedef {{
 *   files: Record<string, readonly import('./clients.mjs').Test[]>,
 *   versions: Record<string, string>,
 * }} Results
 */

/** What is known from earlier runs. @param {string} file @returns {Results} */
export function readResults(file = RESULTS) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') {
      return { files: {}, versions: {} };
    }
    throw error;
  }
}

/**
 * A reporter of Jest that writes down which tests of clients have passed. A file that runs again replaces what was
 * known of it; other files keep theirs, so that the clients can be tested one after the other.
 */
export default class ClientRecorder {
  /** @type {Results['files']} */
  #files = {};

  /**
   * @param {{ path: string }} test
   * @param {{ testResults: readonly { ancestorTitles: readonly string[], title: string, status: string }[] }} result
   */
  onTestResult(test, { testResults }) {
    const file = path.relative(process.cwd(), test.path).split(path.sep).join('/');
    if (!isAboutClients(file)) return;
    this.#files[file] = testResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ ancestorTitles: [group = '', ...inner], title, status }) => ({
        group,
        title: [...inner, title].join(': '),
        passed: status === 'passed',
      }));
  }

  onRunComplete() {
    if (Object.keys(this.#files).length === 0) return;
    const known = readResults();
    const files = { ...known.files, ...this.#files };
    const versions = { ...known.versions, ...versionsOf(this.#files) };
    mkdirSync(path.dirname(RESULTS), { recursive: true });
    writeFileSync(RESULTS, `${JSON.stringify({ files, versions }, null, 2)}\n`);
  }
}

/** The versions of those clients that were at work. @param {Results['files']} files */
function versionsOf(files) {
  const shown = Object.entries(files).flatMap(([file, tests]) =>
    tests.flatMap((test) => shownBy(file, test)?.client ?? []),
  );
  return Object.fromEntries(
    CLIENTS.filter(({ name }) => shown.includes(name)).map(({ name, version }) => [
      name,
      versionFrom(version),
    ]),
  );
}

/** The first number with a point that a program says. @param {readonly string[]} command */
function versionFrom([program = '', ...args]) {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 30_000 });
  return /\d+\.\d[\w.+-]*/.exec(`${stdout ?? ''}\n${stderr ?? ''}`)?.[0] ?? 'unknown';
}
