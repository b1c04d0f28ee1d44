import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { asOptions, sshSettings } from '../../support/openssh-client.js';
import { within } from '../../support/raw-transport.js';
import { isolatedEnvironment } from '../../support/run-program.js';
import type { SftpTarget } from '../../support/sftp-target.js';

/** OpenSSH's `sftp` that is killed before it has done what it was told. */
export class SftpProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /**
   * @param program path of `sftp`
   * @param settings of `-o` that come before the usual ones
   */
  constructor(
    program: string,
    target: SftpTarget,
    lines: readonly string[],
    settings: readonly string[] = [],
  ) {
    const server = `${target.username}@${target.host}`;
    this.#child = spawn(
      program,
      [...asOptions([...settings, ...sshSettings(target)]), '-b', '-', server],
      {
        cwd: target.home,
        env: isolatedEnvironment(target.home),
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    this.#ended = once(this.#child, 'close');
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdin?.end(`${lines.join('\n')}\n`);
  }

  /** Kills it with its connection, and waits until it is gone. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('sftp has not started');
    process.kill(-pid, 'SIGKILL');
    await within(this.#ended, 'the end of sftp');
  }
}
