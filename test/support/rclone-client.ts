import { runOk, type RunResult } from './run-program.js';
import type { SftpTarget } from './sftp-target.js';

/** `rclone`, for which the server is the remote `server:`. */
export class Rclone {
  readonly #program: string;
  readonly #target: SftpTarget;

  constructor(program: string, target: SftpTarget) {
    this.#program = program;
    this.#target = target;
  }

  /**
   * Runs a command.
   *
   * @param how whether it must succeed
   * @param login variables of the log-in, by key unless they are given
   */
  work(
    args: readonly string[],
    cwd = this.#target.home,
    how: typeof runOk = runOk,
    login: Readonly<Record<string, string>> = {
      RCLONE_CONFIG_SERVER_KEY_FILE: this.#target.keyFile,
    },
  ): Promise<RunResult> {
    return how(this.#program, ['--retries', '1', '--low-level-retries', '1', ...args], {
      home: this.#target.home,
      cwd,
      env: { ...this.#settings(), ...login },
    });
  }

  #settings(): Record<string, string> {
    const { host, port, username, knownHosts } = this.#target;
    return {
      RCLONE_CONFIG: '',
      RCLONE_CONFIG_SERVER_TYPE: 'sftp',
      RCLONE_CONFIG_SERVER_HOST: host,
      RCLONE_CONFIG_SERVER_PORT: String(port),
      RCLONE_CONFIG_SERVER_USER: username,
      RCLONE_CONFIG_SERVER_KNOWN_HOSTS_FILE: knownHosts,
      RCLONE_CONFIG_SERVER_SHELL_TYPE: 'none',
      RCLONE_CONFIG_SERVER_DISABLE_HASHCHECK: 'true',
    };
  }
}
