import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { freePort } from '../free-port.js';
import { within } from '../raw-transport.js';
import { makeTempDir, type TempDir } from '../temp-dir.js';

/** How a Redis is run. */
export interface RedisServerOptions {
  /** Listens on a port of the loopback interface, too. @default false */
  readonly tcp?: boolean;
  /** Has every command on disk before it is answered. @default false: nothing is kept on disk */
  readonly durable?: boolean;
}

/** A private Redis on a UNIX socket. */
export class RedisServer {
  readonly #directory: TempDir;
  readonly #port: number;
  readonly #durable: boolean;
  #child: ChildProcess | undefined;

  private constructor(directory: TempDir, port: number, durable: boolean) {
    this.#directory = directory;
    this.#port = port;
    this.#durable = durable;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await RedisServer.stopped(options);
    await server.start();
    return server;
  }

  /** One that does not run yet. */
  static async stopped(options: RedisServerOptions = {}): Promise<RedisServer> {
    const port = options.tcp === true ? await freePort() : 0;
    return new RedisServer(await makeTempDir(), port, options.durable ?? false);
  }

  /** Where it listens with the option `tcp`. */
  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** The path of its socket. */
  get path(): string {
    return join(this.#directory.path, 'redis.sock');
  }

  /** Starts it again after {@link RedisServer.kill}, empty unless it is durable. */
  async start(): Promise<void> {
    const { path } = this.#directory;
    const options = ['--port', String(this.#port), '--bind', '127.0.0.1'];
    options.push('--unixsocket', this.path, '--save', '', '--dir', path);
    if (this.#durable) options.push('--appendonly', 'yes', '--appendfsync', 'always');
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

  /** Ends it at once, and all that it has on disk is lost. */
  async destroy(): Promise<void> {
    await this.kill();
    await rm(join(this.#directory.path, 'appendonlydir'), { recursive: true, force: true });
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
