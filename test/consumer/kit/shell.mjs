import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { asUser } from './npm.mjs';

/** Milliseconds that commands get; what takes longer hangs. */
const TIMEOUT = 300_000;

/** A terminal into which commands of a page are pasted. */
export class Shell {
  #directory;
  #servers = new Set();

  /** @param {string} directory where the commands run */
  constructor(directory) {
    this.#directory = directory;
  }

  /**
   * Runs commands that must succeed.
   *
   * @param {string} commands
   * @param {{ env?: NodeJS.ProcessEnv, input?: string }} [options]
   * @throws {Error} with all that they have written
   */
  async run(commands, { env, input = '' } = {}) {
    const server = this.serve(commands, env);
    server.type(input);
    const code = await server.ended;
    if (code === 0) return { stdout: server.written };
    throw new Error(`${commands} ended with ${code}:\n${server.written}`);
  }

  /**
   * Logs in by OpenSSH's sftp, which takes any host key and has the password from a program.
   *
   * @param {string} command as on the page
   * @param {string} password
   * @param {string} input what is typed then
   */
  async sftp(command, password, input) {
    const askpass = path.join(this.#directory, 'askpass.sh');
    await writeFile(askpass, `#!/bin/sh\necho '${password}'\n`);
    await chmod(askpass, 0o700);
    const options = '-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null';
    const env = { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' };
    return this.run(command.replace('sftp ', `sftp ${options} `), { env, input });
  }

  /**
   * Starts commands that go on until they are interrupted.
   *
   * @param {string} commands
   * @param {NodeJS.ProcessEnv} [env] what has been exported before
   */
  serve(commands, env = {}) {
    const server = new Serving(commands, this.#directory, env);
    this.#servers.add(server);
    return server;
  }

  /** Ends whatever still runs. */
  async end() {
    for (const server of this.#servers) await server.kill();
  }
}

/** Commands that run, in a process group of their own. */
class Serving {
  #child;
  #ended;
  #written = '';

  constructor(commands, cwd, env) {
    this.#child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', commands], {
      cwd,
      env: { ...asUser(), npm_config_prefer_offline: 'true', ...env },
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.#written += text));
    }
    this.#child.stdin.on('error', () => undefined);
    const timer = setTimeout(() => this.#signal('SIGKILL'), TIMEOUT);
    this.#ended = once(this.#child, 'close').then(([code]) => {
      clearTimeout(timer);
      return code;
    });
  }

  /** All that could be seen. */
  get written() {
    return this.#written;
  }

  /** The exit code. */
  get ended() {
    return this.#ended;
  }

  type(input) {
    this.#child.stdin.end(input);
  }

  /** Waits for a pattern. @throws {Error} when it ends before */
  async output(pattern) {
    for (;;) {
      const found = pattern.exec(this.#written);
      if (found) return found;
      const ended = await Promise.race([this.#ended, once(this.#child.stdout, 'data')]);
      if (!Array.isArray(ended) && !pattern.test(this.#written)) {
        throw new Error(`It ended (${ended}) without ${pattern}:\n${this.#written}`);
      }
    }
  }

  /** Ctrl+C. @returns {Promise<number | null>} the exit code */
  interrupt() {
    this.#signal('SIGINT');
    return this.#ended;
  }

  async kill() {
    this.#signal('SIGKILL');
    await this.#ended;
  }

  /** To all processes of the terminal, as its driver does. */
  #signal(signal) {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    process.kill(-this.#child.pid, signal);
  }
}
