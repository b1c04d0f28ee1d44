import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { type ClientState, findProgram } from '../../support/client-tools.js';
import { runOk } from '../../support/run-program.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const POLL_MS = 50;
const DEBIAN = '/usr/lib/postgresql';

/** PostgreSQL's server, whose programs Debian keeps out of the search path. */
export function findPostgres(): ClientState {
  const search = (process.env['PATH'] ?? '').split(delimiter);
  const found = findProgram('initdb', [...debianDirectories(), ...search]);
  return found.usable
    ? { usable: true, program: join(found.program, '..') }
    : { usable: false, reason: 'PostgreSQL (initdb) is not installed' };
}

/** The newest version first. */
function debianDirectories(): string[] {
  try {
    return readdirSync(DEBIAN)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(DEBIAN, version, 'bin'));
  } catch {
    return [];
  }
}

/** A PostgreSQL server of its own, a plain process with its data in a temporary directory. */
export class PostgresCluster {
  readonly #programs: string;
  readonly #directory: TempDir;
  readonly #owner: Owner | undefined;
  #process: ChildProcess | undefined;

  private constructor(programs: string, directory: TempDir, owner: Owner | undefined) {
    this.#programs = programs;
    this.#directory = directory;
    this.#owner = owner;
  }

  /** @param programs the directory of `initdb` and `postgres` */
  static async create(programs: string): Promise<PostgresCluster> {
    const directory = await makeTempDir();
    const owner = serverOwner();
    if (owner) await chown(directory.path, owner.uid, owner.gid);
    const cluster = new PostgresCluster(programs, directory, owner);
    await cluster.#initialise();
    await cluster.start();
    return cluster;
  }

  /** The URL of a database, by the server's socket. */
  url(database: string): string {
    const host = encodeURIComponent(this.#directory.path);
    return `postgresql://tests@localhost/${database}?host=${host}`;
  }

  /** Makes an empty database. @returns its URL */
  async createDatabase(name: string): Promise<string> {
    await this.query('postgres', `CREATE DATABASE ${name}`);
    return this.url(name);
  }

  /** Runs one query on a connection of its own. */
  async query<Row extends object>(database: string, text: string): Promise<Row[]> {
    const client = new Client(this.url(database));
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Waits until a query gives a row. */
  async until(database: string, text: string): Promise<void> {
    while ((await this.query(database, text)).length === 0) await setTimeout(POLL_MS);
  }

  /** The connections to a database, by what calls itself so. */
  async connections(
    database: string,
    application: string,
  ): Promise<{ pid: number; query: string }[]> {
    return this.query(
      'postgres',
      `SELECT pid, query FROM pg_stat_activity
       WHERE datname = '${database}' AND application_name = '${application}'`,
    );
  }

  /** Starts the server again after {@link stop}. */
  async start(): Promise<void> {
    const child = spawn(
      join(this.#programs, 'postgres'),
      ['-D', this.#data, '-k', this.#directory.path, '-c', 'listen_addresses=', '-F'],
      { ...this.#spawnOptions(), stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      const said: string[] = [];
      createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line);
        if (line.includes('ready to accept connections')) resolve();
      });
      child.once('exit', () => {
        reject(new Error(`postgres has ended: ${said.join('\n')}`));
      });
    });
  }

  /** Ends the server and all its connections at once. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    await exited;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.#directory.remove();
  }

  get #data(): string {
    return join(this.#directory.path, 'data');
  }

  async #initialise(): Promise<void> {
    await mkdir(this.#data, { mode: 0o700 });
    const owner = this.#owner;
    if (owner) await chown(this.#data, owner.uid, owner.gid);
    const options = [
      '-D',
      this.#data,
      '-U',
      'tests',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ];
    await runOk(join(this.#programs, 'initdb'), options, {
      home: this.#directory.path,
      ...owner,
    });
  }

  #spawnOptions(): SpawnOptions {
    return {
      cwd: this.#directory.path,
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      ...this.#owner,
    };
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; its package brings a user for it. */
function serverOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
