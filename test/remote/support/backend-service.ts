import { fileURLToPath } from 'node:url';
import { type ClientProxy, ClientProxyFactory, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { Child } from '../../smoke/child.js';

const SCRIPT = fileURLToPath(new URL('backend-process.mjs', import.meta.url));

/** How a backend's process is started. */
export interface BackendServiceOptions {
  /** @default any that is free */
  readonly port?: number;
  /** A folder to store in, uploads appearing when they are whole. @default memory */
  readonly root?: string;
  /** Milliseconds. */
  readonly leaseTime?: number;
  readonly maxHandles?: number;
  /** Where temporary files are, of the backends without random access. @default the operating system's */
  readonly temporaryDirectory?: string;
  /** Where the process stops answering, `write:1000` for the first write from offset 1000 on. @default nowhere */
  readonly hold?: `${'read' | 'write' | 'close'}:${number}`;
}

/** What the process tells of its backend. */
export interface BackendState {
  /** Files that are open. */
  readonly open: number;
  /** How files have ended. */
  readonly ends: ('close' | 'abort')[];
  /** The session of the last call. */
  readonly session?: unknown;
}

/** A plain `node` process that serves backends of the built package over TCP. */
export class BackendService {
  readonly #control: ClientProxy;

  private constructor(
    readonly process: Child,
    readonly port: number,
  ) {
    this.#control = this.proxy();
  }

  static async start(options: BackendServiceOptions = {}): Promise<BackendService> {
    const { port, root, leaseTime, maxHandles, temporaryDirectory, hold } = options;
    const env = {
      ...(port !== undefined && { PORT: String(port) }),
      ...(root !== undefined && { ROOT: root }),
      ...(leaseTime !== undefined && { LEASE_TIME: String(leaseTime) }),
      ...(maxHandles !== undefined && { LIMIT: String(maxHandles) }),
      ...(temporaryDirectory !== undefined && { TEMPORARY: temporaryDirectory }),
      ...(hold !== undefined && { HOLD: hold }),
    };
    const child = new Child([SCRIPT], { env });
    const [, listening] = await child.output(/^Serving on port (\d+)$/m);
    return new BackendService(child, Number(listening));
  }

  /** A way to the process, as an application would register it. */
  proxy(): ClientProxy {
    return ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: this.port },
    });
  }

  /** Gives the process an empty backend. */
  async reset(): Promise<void> {
    await firstValueFrom(this.#control.send('test.reset', {}));
  }

  state(): Promise<BackendState> {
    return firstValueFrom(this.#control.send<BackendState>('test.state', {}));
  }

  /** Kills the process without a word to anyone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.ended;
    await this.disconnect();
  }

  /** Lets go of the way to the process, which goes on. */
  async disconnect(): Promise<void> {
    await this.#control.close();
  }
}
