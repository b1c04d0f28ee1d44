import { asOptions, quoted, sshSettings } from './openssh-client.js';
import { runOk, type RunResult } from './run-program.js';
import type { SftpTarget } from './sftp-target.js';

/** `lftp`, which logs in through `ssh`. */
export class Lftp {
  readonly #program: string;
  readonly #ssh: string;
  readonly #target: SftpTarget;

  constructor(program: string, ssh: string, target: SftpTarget) {
    this.#program = program;
    this.#ssh = ssh;
    this.#target = target;
  }

  /** Runs commands, logged in by key. @param how whether they must succeed */
  commands(
    lines: readonly string[],
    cwd = this.#target.home,
    how: typeof runOk = runOk,
  ): Promise<RunResult> {
    const text = this.script(sshSettings(this.#target), '', lines);
    return how(this.#program, ['-c', text], { home: this.#target.home, cwd });
  }

  /** The text that `lftp -c` takes. */
  script(settings: readonly string[], password: string, lines: readonly string[]): string {
    const { username, host, port } = this.#target;
    const connect = [this.#ssh, '-a', '-x', ...asOptions(settings)].join(' ');
    return [
      'set cmd:fail-exit yes',
      'set net:max-retries 1',
      'set net:timeout 15',
      'set sftp:auto-confirm yes',
      `set sftp:connect-program ${quoted(connect)}`,
      `open -u ${username},${password} sftp://${host}:${port}`,
      ...lines,
      'exit',
    ].join('\n');
  }
}
