import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, programOf, type ClientState } from './client-tools.js';
import { asOptions, sshSettings } from './openssh-client.js';
import { isolatedEnvironment, run, runOk, type RunResult } from './run-program.js';
import type { SftpTarget } from './sftp-target.js';

const sshfs = findProgram('sshfs');
const fusermount = findProgram('fusermount3');

/** What has to be usable for a mount. */
export function sshfsNeeds(): ClientState[] {
  return [fuseDevice(), sshfs, fusermount, trialMount()];
}

/** A server's root, mounted by `sshfs`. */
export class SshfsMount {
  readonly #home: string;
  readonly #mountPoint: string;

  private constructor(home: string, mountPoint: string) {
    this.#home = home;
    this.#mountPoint = mountPoint;
  }

  static async make(target: SftpTarget): Promise<SshfsMount> {
    const mountPoint = join(target.home, 'mount');
    await mkdir(mountPoint);
    const args = [`${target.username}@${target.host}:/`, mountPoint];
    // Its daemon keeps what it inherits, and would hold a pipe open until it is unmounted.
    await runOk(
      '/bin/sh',
      [
        ...['-c', '"$@" >mount.log 2>&1 || { cat mount.log; exit 1; }', 'sh', programOf(sshfs)],
        ...args,
        ...asOptions(sshSettings(target)),
      ],
      { home: target.home, timeout: 20_000 },
    );
    return new SshfsMount(target.home, mountPoint);
  }

  /**
   * Runs a script at the root of the mount. Everything there is done by other processes: a file operation of this
   * one would wait for the server that runs in it. That goes for the start of a process there as well, so the
   * shell itself changes to it.
   */
  shell(script: string, ...args: string[]): Promise<RunResult> {
    return runOk('/bin/sh', ['-euc', `cd "$0"\n${script}`, this.#mountPoint, ...args], {
      home: this.#home,
      timeout: 60_000,
    });
  }

  async unmount(): Promise<void> {
    await run(programOf(fusermount), ['-u', '-z', this.#mountPoint], { home: this.#home });
  }
}

/** Whether this system lets us open the FUSE device; where it does not, no test can be asked for. */
function fuseDevice(): ClientState {
  try {
    closeSync(openSync('/dev/fuse', 'r+'));
    return { usable: true, program: '/dev/fuse' };
  } catch {
    return { usable: false, excused: true, reason: '/dev/fuse cannot be opened' };
  }
}

/**
 * Whether sshfs can mount at all, tried with OpenSSH's own server program, so that a fault of ours is never
 * taken for a system without FUSE. Without that program the mount of the tests has to show it.
 */
function trialMount(): ClientState {
  const server = findProgram('sftp-server', ['/usr/lib/openssh', '/usr/libexec']);
  if (!sshfs.usable || !fusermount.usable || !server.usable) return { usable: true, program: '' };
  const directory = mkdtempSync(join(tmpdir(), 'sftpd-trial-'));
  try {
    const serve = join(directory, 'serve');
    writeFileSync(serve, `#!/bin/sh\nexec ${server.program}\n`, { mode: 0o755 });
    const options = {
      env: isolatedEnvironment(directory),
      stdio: 'ignore',
      timeout: 20_000,
    } as const;
    const mountPoint = mkdtempSync(join(directory, 'mount-'));
    const args = [`localhost:${directory}`, mountPoint, '-o', `ssh_command=${serve}`];
    const mounted = spawnSync(sshfs.program, args, options).status === 0;
    spawnSync(fusermount.program, ['-u', '-z', mountPoint], options);
    return mounted
      ? { usable: true, program: '' }
      : { usable: false, reason: 'sshfs cannot mount on this system' };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
