import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { familyOf } from './processes.mjs';

const TMPFS = '/dev/shm';

/**
 * The bench's temporary directory and its child processes, all gone after {@link Workplace.clear}.
 * In memory where there is room, so that no disk is measured.
 */
export class Workplace {
  /** @type {Set<import('node:child_process').ChildProcess>} */
  #children = new Set();

  /** @param {number} bytes how much the bench is going to store at most */
  constructor(bytes) {
    this.inMemory = freeBytes(TMPFS) > bytes * 1.5;
    this.path = mkdtempSync(join(this.inMemory ? TMPFS : tmpdir(), 'sftpd-bench-'));
  }

  /** Makes an empty directory of its own. @param {string} name what its name starts with */
  directory(name) {
    return mkdtempSync(join(this.path, `${name.replace(/\W+/g, '-')}-`));
  }

  /**
   * Has a child process ended when the bench ends.
   *
   * @param {import('node:child_process').ChildProcess} child
   */
  adopt(child) {
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Kills what still runs and removes all files. */
  clear() {
    // sshd's sessions leave its process group, so its children are looked up.
    for (const child of this.#children) for (const pid of familyOf(child.pid)) kill(pid);
    this.#children.clear();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** @param {string} path */
function freeBytes(path) {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
