import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
    for (const child of this.#children) killTree(child.pid);
    this.#children.clear();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** sshd's sessions leave its process group, so its children are looked up. @param {number} pid */
function killTree(pid) {
  for (const child of childrenOf(pid)) killTree(child);
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** @param {number} pid @returns {number[]} */
function childrenOf(pid) {
  try {
    const listed = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
    return listed.trim().split(/\s+/).map(Number).filter(Boolean);
  } catch {
    return [];
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
