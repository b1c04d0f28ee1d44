import { once } from 'node:events';
import path from 'node:path';

import ssh2, { type Client, type ConnectConfig, type SFTPWrapper } from 'ssh2';

import { HttpGateway } from '../../smoke/support/http-gateway.js';

/** A line of the log that tells of a log-in; the group is the process. */
const LOGGED_IN = /\[Nest\] (\d+) [^\n]*logged in by/g;

/** A client, and the worker that serves it. */
export interface Served {
  readonly client: Client;
  readonly worker: number;
}

/** The built gateway with several workers, on a folder. */
export class WorkersGateway extends HttpGateway {
  readonly #clients: Client[] = [];
  #logIns = 0;

  /** @param directory of host keys, which gateways may share, and of the files */
  constructor(directory: string, env: NodeJS.ProcessEnv = {}) {
    super(directory, {
      SFTP_WORKERS: '2',
      SFTP_BACKEND: 'folder',
      SFTP_FOLDER_ROOT: path.join(directory, 'files'),
      NO_COLOR: '1',
      ...env,
    });
  }

  /** Logs in; one after the other, or nobody can tell who serves whom. */
  async logIn(config: ConnectConfig = {}): Promise<Served> {
    const client = await this.connect(config);
    this.#logIns += 1;
    for (;;) {
      const [text] = await this.child.output(/^[^]*/);
      const found = [...text.matchAll(LOGGED_IN)][this.#logIns - 1];
      if (found) return { client, worker: Number(found[1]) };
      await this.child.output(new RegExp(`^[^]{${text.length + 1}}`));
    }
  }

  /** Logs in until the client is served by a worker that is wanted. */
  async logInTo(wanted: (worker: number) => boolean, config: ConnectConfig = {}): Promise<Served> {
    for (;;) {
      const served = await this.logIn(config);
      if (wanted(served.worker)) return served;
      served.client.end();
    }
  }

  /** Clients of two workers. */
  async logInToTwo(): Promise<[Served, Served]> {
    const first = await this.logIn();
    return [first, await this.logInTo((worker) => worker !== first.worker)];
  }

  /** Waits until all workers take connections; each look is a request. */
  async untilReady(): Promise<void> {
    while ((await this.get('/health/ready')).status !== 200) await new Promise(setImmediate);
  }

  hangUp(): void {
    for (const client of this.#clients) client.destroy();
  }

  /** @throws Error when the log-in fails, or the connection is closed */
  async connect(config: ConnectConfig): Promise<Client> {
    const port = await this.sftpPort();
    const client = new ssh2.Client();
    this.#clients.push(client);
    client.on('error', () => undefined);
    const closed = once(client, 'close').then(() => Promise.reject(new Error('closed')));
    client.connect({ host: '127.0.0.1', port, username: 'dev', password: 'dev', ...config });
    await Promise.race([once(client, 'ready'), closed]);
    closed.catch(() => undefined);
    return client;
  }
}

/** The promise of a call that ends in a callback. */
export function settled<T>(
  call: (done: (error?: Error | null, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

/** An upload that goes on when it is told to. */
export class SlowUpload {
  #offset = 0;

  private constructor(
    private readonly sftp: SFTPWrapper,
    private readonly handle: Buffer,
  ) {}

  static async open({ client }: Served, file: string): Promise<SlowUpload> {
    const sftp = await settled<SFTPWrapper>((done) => client.sftp(done));
    const handle = await settled<Buffer>((done) => sftp.open(file, 'w', done));
    return new SlowUpload(sftp, handle);
  }

  async write(content: Buffer): Promise<void> {
    const { length } = content;
    await settled((done) => this.sftp.write(this.handle, content, 0, length, this.#offset, done));
    this.#offset += length;
  }

  close(): Promise<void> {
    return settled((done) => this.sftp.close(this.handle, done));
  }
}

/** Whether a process is there. */
export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
