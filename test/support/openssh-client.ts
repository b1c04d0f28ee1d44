import type { SftpTarget } from './sftp-target.js';
import { runFailing, runOk, type RunOptions, type RunResult } from './run-program.js';

/** The `-o` settings with which any program of OpenSSH logs in by key, asks nothing and trusts only our keys. */
export function sshSettings(target: SftpTarget): readonly string[] {
  return [...serverSettings(target), `IdentityFile=${target.keyFile}`, 'BatchMode=yes'];
}

/** The same for a log-in by password, which `sshpass` types. */
export function sshPasswordSettings(target: SftpTarget): readonly string[] {
  return [...serverSettings(target), 'PreferredAuthentications=password', 'BatchMode=no'];
}

/** Settings as arguments of `ssh`, `sftp`, `scp` and `sshfs`, which read no configuration file besides. */
export function asOptions(settings: readonly string[]): string[] {
  return ['-F', 'none', ...settings.flatMap((setting) => ['-o', setting])];
}

function serverSettings(target: SftpTarget): readonly string[] {
  return [
    `Port=${target.port}`,
    `UserKnownHostsFile=${target.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'IdentitiesOnly=yes',
    'ConnectTimeout=10',
    'LogLevel=ERROR',
  ];
}

/** A word of an `sftp` or `lftp` command line. */
export function quoted(word: string): string {
  return `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** OpenSSH's `sftp` in batch mode, logged in by key. */
export class SftpBatch {
  readonly #program: string;
  readonly #target: SftpTarget;

  constructor(program: string, target: SftpTarget) {
    this.#program = program;
    this.#target = target;
  }

  /** Runs commands that must all succeed. */
  ok(lines: readonly string[], options: Partial<RunOptions> = {}): Promise<RunResult> {
    return this.#run(runOk, lines, options);
  }

  /** Runs commands of which one must fail. */
  failing(lines: readonly string[], options: Partial<RunOptions> = {}): Promise<RunResult> {
    return this.#run(runFailing, lines, options);
  }

  #run(
    how: typeof runOk,
    lines: readonly string[],
    options: Partial<RunOptions>,
  ): Promise<RunResult> {
    const target = this.#target;
    return how(
      this.#program,
      [...asOptions(sshSettings(target)), '-b', '-', `${target.username}@${target.host}`],
      { home: target.home, input: `${lines.join('\n')}\n`, ...options },
    );
  }
}

/** OpenSSH's `scp`, logged in by key. */
export class Scp {
  readonly #program: string;
  readonly #target: SftpTarget;

  constructor(program: string, target: SftpTarget) {
    this.#program = program;
    this.#target = target;
  }

  /**
   * Runs it; `:path` in an argument stands for a path on the server.
   *
   * @param how whether it must succeed
   */
  copy(
    args: readonly string[],
    cwd: string,
    how: typeof runOk = runOk,
    timeout = 45_000,
  ): Promise<RunResult> {
    const target = this.#target;
    const server = `${target.username}@${target.host}`;
    return how(
      this.#program,
      [
        ...asOptions(sshSettings(target)),
        ...args.map((arg) => (arg.startsWith(':') ? server + arg : arg)),
      ],
      { home: target.home, cwd, timeout },
    );
  }
}

/** OpenSSH's `sftp` in batch mode, logged in as `dev` by a password that `sshpass` types; takes any host key. */
export class SftpByPassword {
  readonly #sshpass: string;
  readonly #command: readonly string[];
  readonly #home: string;

  /** @param home where its relative local paths start */
  constructor(sshpass: string, sftp: string, port: number, home: string) {
    this.#sshpass = sshpass;
    this.#home = home;
    const settings = [
      `Port=${port}`,
      'UserKnownHostsFile=/dev/null',
      'GlobalKnownHostsFile=/dev/null',
      'StrictHostKeyChecking=no',
      'PreferredAuthentications=password',
      'BatchMode=no',
      'LogLevel=ERROR',
    ];
    this.#command = ['-p', 'dev', sftp, ...asOptions(settings), '-b', '-', 'dev@127.0.0.1'];
  }

  /** Runs commands that must all succeed. @returns what it writes on standard output */
  async ok(...lines: readonly string[]): Promise<string> {
    return (await this.#run(runOk, lines)).stdout;
  }

  /** Runs commands of which one must fail. @returns what it writes on standard error */
  async failing(...lines: readonly string[]): Promise<string> {
    return (await this.#run(runFailing, lines)).stderr;
  }

  #run(how: typeof runOk, lines: readonly string[]): Promise<RunResult> {
    const input = `${lines.join('\n')}\n`;
    return how(this.#sshpass, this.#command, { home: this.#home, input });
  }
}
