import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { defaultServers, type SftpTarget, type TestedServer } from './sftp-target.js';

/** Two empty directories for one test. */
export interface Workspace {
  /** A local path. */
  readonly local: string;
  /** The path of a directory on the server. */
  readonly remote: string;
}

/** What the tests of a client are given; usable inside tests, once the server runs. */
export interface ClientSuite {
  readonly targetName: TestedServer['name'];
  readonly target: SftpTarget;
  workspace(): Promise<Workspace>;
}

/** Whether a client can be used: how it is called, or why not. */
export type ClientState =
  | { readonly usable: true; readonly program: string }
  | {
      readonly usable: false;
      readonly reason: string;
      /** Never a failure. */ readonly excused?: boolean;
    };

/**
 * A program by its name.
 *
 * @param directories where to look
 * @default directories the search path
 */
export function findProgram(
  name: string,
  directories: readonly string[] = (process.env['PATH'] ?? '').split(delimiter),
): ClientState {
  for (const directory of directories) {
    const program = join(directory, name);
    try {
      accessSync(program, constants.X_OK);
      if (statSync(program).isFile()) return { usable: true, program };
    } catch {
      continue;
    }
  }
  return { usable: false, reason: `${name} is not installed` };
}

/** A Python that has a module; the system's own first, as that is where a system package puts the module. */
export function findPythonWith(module: string): ClientState {
  for (const program of ['/usr/bin/python3', 'python3']) {
    const { status } = spawnSync(program, ['-c', `import ${module}`], { stdio: 'ignore' });
    if (status === 0) return { usable: true, program };
  }
  return { usable: false, reason: `no python3 has the module ${module}` };
}

/** The path of a program that {@link describeClient} has found usable. */
export function programOf(state: ClientState): string {
  if (!state.usable) throw new Error(state.reason);
  return state.program;
}

/**
 * Declares tests that need programs of the system.
 *
 * Where one of them cannot be used, the tests are to be declared as skipped, and standard error names it; with
 * `REQUIRE_CLIENTS=1` one failing test named after it stands in their place.
 *
 * @param client the name that the reports show
 * @param needs what must be usable
 * @param declare declares the tests; given why they are to be skipped, if they are
 */
export function whereUsable(
  client: string,
  needs: readonly ClientState[],
  declare: (reasonToSkip: string | undefined) => void,
): void {
  const unusable = needs.find((state) => !state.usable);
  if (unusable?.usable === false && !unusable.excused && process.env['REQUIRE_CLIENTS'] === '1') {
    it(`${client} can be used, as REQUIRE_CLIENTS=1 asks`, () => {
      throw new Error(unusable.reason);
    });
    return;
  }
  if (unusable?.usable === false) {
    // Jest does not name the tests of a file of which all are skipped.
    process.stderr.write(`SKIPPED ${client}: ${unusable.reason}\n`);
  }
  declare(unusable?.usable === false ? unusable.reason : undefined);
}

/**
 * Declares a client's tests once for each server, as {@link whereUsable} says.
 *
 * @param client the name that the reports show
 * @param needs what must be usable, the client first
 * @param servers what it is tested against
 * @default servers memory and folder, or those that `SFTP_TEST_TARGETS` lists
 */
export function describeClient(
  client: string,
  needs: readonly ClientState[],
  tests: (suite: ClientSuite) => void,
  servers: readonly TestedServer[] = defaultServers(),
): void {
  whereUsable(client, needs, (reasonToSkip) => {
    for (const server of servers) {
      const suite = new RunningSuite(server);
      if (reasonToSkip !== undefined) {
        describe.skip(`${client} over ${server.name} (skipped: ${reasonToSkip})`, () => {
          tests(suite);
        });
      } else {
        describe(`${client} over ${server.name}`, () => {
          beforeAll(() => suite.start());
          tests(suite);
          // After the tests' own: what they have mounted has to go before the server.
          afterAll(() => suite.stop());
        });
      }
    }
  });
}

/** A test that logs in by password; left out where the server takes keys alone. */
export function itByPassword(
  suite: ClientSuite,
  title: string,
  test: (password: string) => Promise<void>,
): void {
  (suite.targetName === 'openssh' ? it.skip : it)(title, async () => {
    const { password } = suite.target;
    if (password === undefined) throw new Error('The server takes no passwords');
    await test(password);
  });
}

class RunningSuite implements ClientSuite {
  readonly #server: TestedServer;
  #target: SftpTarget | undefined;
  #workspaces = 0;

  constructor(server: TestedServer) {
    this.#server = server;
  }

  get targetName(): TestedServer['name'] {
    return this.#server.name;
  }

  get target(): SftpTarget {
    if (this.#target === undefined) throw new Error('The server does not run yet');
    return this.#target;
  }

  async start(): Promise<void> {
    this.#target = await this.#server.start();
  }

  async stop(): Promise<void> {
    await this.#target?.stop();
    this.#target = undefined;
  }

  async workspace(): Promise<Workspace> {
    this.#workspaces += 1;
    const name = `work-${this.#workspaces}`;
    const local = join(this.target.home, name);
    await mkdir(local);
    await this.target.storage.makeDir(`/${name}`);
    return { local, remote: `/${name}` };
  }
}
