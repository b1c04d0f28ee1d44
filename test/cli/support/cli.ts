import path from 'node:path';

import { run, type RunOptions, type RunResult } from '../../support/run-program.js';
import { Child, ROOT } from '../../smoke/child.js';

/** The program, which runs what is built. */
export const MAIN = path.join(ROOT, 'libs', 'sftpd', 'bin', 'nestjs-sftpd.js');

/** Generous: a start makes host keys, and the machine may be busy. */
const TIMEOUT = 90_000;

const LISTENING = /^SFTP server listening on 127\.0\.0\.1:(\d+)$/m;

/** Runs a command of the program to its end. */
export function runCli(
  args: readonly string[],
  options: RunOptions & { readonly nodeArguments?: readonly string[] },
): Promise<RunResult> {
  const { nodeArguments = [], ...rest } = options;
  return run(process.execPath, [...nodeArguments, MAIN, ...args], { timeout: TIMEOUT, ...rest });
}

/**
 * `serve` on a free port of the loopback, with host keys that all servers of one home share.
 *
 * @param home where relative paths start, too
 */
export function serve(home: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  return new Child([MAIN, 'serve', '--port', '0', '--user', 'me', ...args], {
    cwd: home,
    env: { HOME: home, XDG_CONFIG_HOME: path.join(home, 'config'), ...env },
  });
}

/** The port of a {@link serve} without `--json`. */
export async function portOf(child: Child): Promise<number> {
  return Number((await child.output(LISTENING))[1]);
}

/** What has been written as one JSON object in each line. */
export function recordsIn(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What `--import` takes so that packages cannot be found. */
export function without(...packages: readonly string[]): readonly string[] {
  const hooks = `export function resolve(name, context, next) {
    if (!${JSON.stringify(packages)}.includes(name)) return next(name, context);
    throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
  }`;
  const registering = `import { register } from 'node:module'; register(${JSON.stringify(moduleUrl(hooks))});`;
  return ['--import', moduleUrl(registering)];
}

function moduleUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
