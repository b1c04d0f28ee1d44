import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { install } from './npm.mjs';
import { run, succeed } from './program.mjs';

const CONSUMER = path.resolve(import.meta.dirname, '..');
const ROOT = path.resolve(CONSUMER, '../..');
const TSC = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** What a stranger's strict project has; above all, no declaration is taken on trust. */
const COMPILER_OPTIONS = {
  target: 'ES2023',
  lib: ['ES2023'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  skipLibCheck: false,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  noEmit: true,
};

/** A project of somebody who uses the package: it has the tarball and its own dependencies, nothing of this workspace. */
export class Project {
  #directory;

  /** @param {string} directory */
  constructor(directory) {
    this.#directory = directory;
  }

  /**
   * Makes a project and installs its dependencies.
   *
   * @param {string} directory
   * @param {{ tarball: string, dependencies: Record<string, string>, npmOptions?: readonly string[] }} contents
   */
  static async make(directory, { tarball, dependencies, npmOptions }) {
    await mkdir(directory, { recursive: true });
    const manifest = {
      name: 'consumer',
      version: '1.0.0',
      private: true,
      dependencies: { 'nestjs-sftpd': `file:${tarball}`, ...dependencies },
      allowScripts: { ssh2: true, 'cpu-features': true },
    };
    await writeFile(path.join(directory, 'package.json'), JSON.stringify(manifest, null, 2));
    await install(directory, npmOptions);
    for (const folder of ['apps', 'types']) {
      await cp(path.join(CONSUMER, folder), path.join(directory, folder), { recursive: true });
    }
    return new Project(directory);
  }

  /** @param {string} file below the project */
  path(file) {
    return path.join(this.#directory, file);
  }

  /**
   * Runs one of the apps.
   *
   * @param {string} app its file in `apps/`
   * @param {{ node?: string, args?: readonly string[] }} [options] `node` is the binary that runs it, by default this
   *   process's
   */
  run(app, { node = process.execPath, args = [] } = {}) {
    return run(node, [path.join('apps', app), ...args], { cwd: this.#directory });
  }

  /**
   * Runs one of the apps, which must succeed.
   *
   * @param {string} app its file in `apps/`
   * @param {{ node?: string, args?: readonly string[] }} [options] as of {@link run}
   * @returns what it has written
   */
  output(app, { node = process.execPath, args = [] } = {}) {
    return succeed(node, [path.join('apps', app), ...args], { cwd: this.#directory });
  }

  /**
   * Type-checks files of the project with the workspace's TypeScript.
   *
   * @param {readonly string[]} files in `types/`
   * @throws Error with the compiler's messages
   */
  async compile(files) {
    const tsconfig = {
      compilerOptions: COMPILER_OPTIONS,
      files: files.map((file) => path.join('types', file)),
    };
    await writeFile(this.path('tsconfig.json'), JSON.stringify(tsconfig, null, 2));
    await succeed(process.execPath, [TSC, '-p', '.'], { cwd: this.#directory });
  }
}
