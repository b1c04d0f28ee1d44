import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { within } from '../raw-transport.js';
import { makeTempDir, type TempDir } from '../temp-dir.js';

/** A private Redis on a UNIX socket that keeps nothing on disk. */
export class RedisServer {
  readonly #directory: TempDir;
  #child: ChildProcess | undefined;

  private constructor(directory: TempDir) {
    this.#directory = directory;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await makeTempDir());
    await server.start();
    return server;
  }

  /** The path of its socket. */
  get path(): string {
    return join(this.#directory.path, 'redis.sock');
  }

  /** Starts it again, empty, after {@link RedisServer.kill}. */
  async start(): Promise<void> {
    const { path } = this.#directory;
    const options = ['--port', '0', '--unixsocket', this.path, '--save', '', '--dir', path];
    const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const said: string[] = [];
    const ready = new Promise<void>((resolve, reject) => {
      child.once('error', reject).once('exit', () => {
        reject(new Error(`redis-server has ended:\n${said.join('\n')}`));
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        said.push(line);
        if (line.includes('The server is now ready to accept connections')) resolve();
      });
    });
    await within(ready, 'the start of redis-server');
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await within(exited, 'the end of redis-server');
  }

  /** Makes it answer nothing, its connections open, until {@link RedisServer.thaw}. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.#directory.remove();
  }
}
