import { spawn } from 'node:child_process';

/** How a program is run. */
export interface RunOptions {
  /** Its home directory; nothing of the user's own configuration is read. */
  readonly home: string;
  /** @default home */
  readonly cwd?: string;
  /** What it reads on standard input. @default nothing */
  readonly input?: string;
  /** Variables on top of the few it is given. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until it is killed with its children. @default 45000 */
  readonly timeout?: number;
  /** Who runs it; to be someone else takes root. @default who runs the tests */
  readonly uid?: number;
  readonly gid?: number;
}

/** What a program did. */
export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from its start to its end. */
  readonly elapsed: number;
}

/** The environment every client gets: a search path, its home, and a UTF-8 locale. */
export function isolatedEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    LC_ALL: 'C.UTF-8',
    TERM: 'dumb',
    TZ: 'UTC',
  };
}

/**
 * Runs a program to its end, whatever its exit code.
 *
 * @throws Error with all the program has written, when it is still running after the time-out
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const { home, cwd = home, input, env, timeout = 45_000, uid, gid } = options;
  const started = performance.now();
  // A process group of its own, so that a time-out also ends what the client has started (ssh, sh).
  const child = spawn(program, args, {
    cwd,
    env: { ...isolatedEnvironment(home), ...env },
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A client that ends without reading its input is no failure of the test's own.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');

  const ended = { timedOut: false };
  const timer = setTimeout(() => {
    ended.timedOut = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, timeout);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const result: RunResult = {
      code,
      stdout: Buffer.concat(stdout).toString('utf8'),
      stderr: Buffer.concat(stderr).toString('utf8'),
      elapsed: performance.now() - started,
    };
    if (ended.timedOut)
      throw new Error(describeRun(`did not end in ${timeout} ms`, program, args, result));
    return result;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs a program that must succeed.
 *
 * @throws Error with all it has written, when its exit code is not 0
 */
export async function runOk(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const result = await run(program, args, options);
  if (result.code !== 0) {
    throw new Error(describeRun(`ended with ${String(result.code)}`, program, args, result));
  }
  return result;
}

/**
 * Runs a program that must fail.
 *
 * @throws Error with all it has written, when its exit code is 0
 */
export async function runFailing(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const result = await run(program, args, options);
  if (result.code === 0) {
    throw new Error(describeRun('succeeded, and should not have', program, args, result));
  }
  return result;
}

function describeRun(
  what: string,
  program: string,
  args: readonly string[],
  result: RunResult,
): string {
  const { stdout, stderr } = result;
  return `${program} ${what}\narguments: ${args.join(' ')}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
}
