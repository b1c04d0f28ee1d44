import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';

import type { OwnerIds, OwnerNames } from '../../filesystem/backend.js';

/** Names of users and groups by their number. */
export interface NameTable {
  readonly users: ReadonlyMap<number, string>;
  readonly groups: ReadonlyMap<number, string>;
}

/** Milliseconds after which the tables of the system are read again. */
const KEPT_FOR = 60_000;

/**
 * The names of owners that clients may be told, kept in memory so that a listing costs no look-ups.
 *
 * With `process` only the process's own user and group have names: the accounts of the machine are nobody's
 * business. With `system` everybody in `/etc/passwd` and `/etc/group` has.
 */
export class OwnerNameBook {
  #table: NameTable = { users: new Map(), groups: new Map() };
  #readAt = Number.NEGATIVE_INFINITY;
  readonly #scope: 'process' | 'system';

  constructor(scope: 'process' | 'system') {
    this.#scope = scope;
  }

  /** What was read last. */
  get table(): NameTable {
    return this.#table;
  }

  /** Reads the tables when they are older than a minute; missing ones are empty. */
  async refresh(): Promise<void> {
    const now = performance.now();
    if (now - this.#readAt < KEPT_FOR) return;
    this.#readAt = now;
    this.#table = this.#scope === 'system' ? await systemTable() : await processTable();
  }

  /** Answers `users-groups-by-id@openssh.com`: an empty string where a name is unknown or not told. */
  lookUp(ids: OwnerIds): OwnerNames {
    return {
      users: ids.uids.map((uid) => this.#table.users.get(uid) ?? ''),
      groups: ids.gids.map((gid) => this.#table.groups.get(gid) ?? ''),
    };
  }
}

async function systemTable(): Promise<NameTable> {
  const [users, groups] = await Promise.all([readTable('/etc/passwd'), readTable('/etc/group')]);
  return { users, groups };
}

async function processTable(): Promise<NameTable> {
  const users = new Map<number, string>();
  const groups = new Map<number, string>();
  const uid = process.geteuid?.();
  const gid = process.getegid?.();
  if (uid === undefined || gid === undefined) return { users, groups };
  const user = processUser();
  if (user !== undefined) users.set(uid, user);
  const group = (await readTable('/etc/group')).get(gid);
  if (group !== undefined) groups.set(gid, group);
  return { users, groups };
}

function processUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A container often runs as a number that no table knows.
    return undefined;
  }
}

/** Reads `name:x:number:...` lines, the form that `passwd(5)` and `group(5)` share. */
async function readTable(file: string): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  const text = await readFile(file, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    // The first line of a number wins, as in getpwuid(3).
    if (name !== '' && /^\d+$/.test(id) && !names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}
