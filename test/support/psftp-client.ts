import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOk, type RunResult } from './run-program.js';
import type { SftpTarget } from './sftp-target.js';

/** A word of a psftp command line. */
export function psftpWord(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** PuTTY's `psftp`. */
export class Psftp {
  readonly #program: string;
  readonly #target: SftpTarget;

  constructor(program: string, target: SftpTarget) {
    this.#program = program;
    this.#target = target;
  }

  /** Makes the key that it logs in with, by `puttygen`. */
  async makeKey(puttygen: string): Promise<void> {
    const { keyFile, home } = this.#target;
    await runOk(puttygen, [keyFile, '-o', this.#puttyKey], { home });
  }

  /**
   * Runs commands.
   *
   * @param how whether they must succeed
   * @param login arguments of the log-in, by key unless they are given
   */
  async commands(
    lines: readonly string[],
    cwd: string,
    how: typeof runOk = runOk,
    login: readonly string[] = ['-i', this.#puttyKey],
  ): Promise<RunResult> {
    const target = this.#target;
    const script = join(target.home, 'commands.psftp');
    await writeFile(script, `${lines.join('\n')}\n`);
    return how(
      this.#program,
      [
        ...['-batch', '-P', String(target.port), '-b', script, ...login],
        ...target.fingerprints.flatMap((fingerprint) => ['-hostkey', fingerprint]),
        `${target.username}@${target.host}`,
      ],
      { home: target.home, cwd },
    );
  }

  get #puttyKey(): string {
    return `${this.#target.keyFile}.ppk`;
  }
}
