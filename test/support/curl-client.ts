import { runOk, type RunResult } from './run-program.js';
import type { SftpTarget } from './sftp-target.js';

/** What every call of `curl` is given: it trusts any host key. */
export const CURL_SETTINGS: readonly string[] = [
  '--silent',
  '--show-error',
  '--insecure',
  '--fail',
];

/** `curl`, logged in by key. */
export class Curl {
  readonly #program: string;
  readonly #target: SftpTarget;

  constructor(program: string, target: SftpTarget) {
    this.#program = program;
    this.#target = target;
  }

  /** The address of a path on the server. */
  url(path: string): string {
    const { host, port } = this.#target;
    return `sftp://${host}:${port}${path.split('/').map(encodeURIComponent).join('/')}`;
  }

  /** @param how whether it must succeed */
  transfer(
    args: readonly string[],
    cwd = this.#target.home,
    how: typeof runOk = runOk,
  ): Promise<RunResult> {
    const { username, keyFile, home } = this.#target;
    const login = ['--user', `${username}:`, '--key', keyFile, '--pubkey', `${keyFile}.pub`];
    return how(this.#program, [...CURL_SETTINGS, ...login, ...args], { home, cwd });
  }
}
