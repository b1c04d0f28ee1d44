import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Milliseconds that a program gets; what takes longer hangs. */
const TIMEOUT = 300_000;

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options `env` is all of its environment; by default `PATH` and
 *   `HOME` are
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>} `code` is `null` when it was killed
 */
export async function run(program, args, { cwd, env }) {
  const { PATH, HOME } = process.env;
  const child = spawn(program, args, {
    cwd,
    env: env ?? { PATH, HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/**
 * Runs a program that must succeed.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} what it has written to its standard output
 * @throws Error with all that it has written
 */
export async function succeed(program, args, options) {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
}
