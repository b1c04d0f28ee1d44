import path from 'node:path';
import { Child, ROOT } from '../child.js';

/** What a gateway answers over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** A module that `--import` runs before the gateway. */
export function preload(source: string): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(source)}`];
}

/** A built gateway, with host keys in a directory that several may share. */
export class HttpGateway {
  readonly child: Child;

  /** @param env `HTTP_PORT` is 0 unless it says otherwise */
  constructor(directory: string, env: NodeJS.ProcessEnv = {}, nodeArguments: string[] = []) {
    const main = path.join(ROOT, 'dist', 'apps', 'gateway', 'main.js');
    const SFTP_HOST_KEY_DIR = path.join(directory, 'host-keys');
    this.child = new Child([...nodeArguments, main], {
      cwd: directory,
      env: { SFTP_PORT: '0', HTTP_PORT: '0', SFTP_HOST_KEY_DIR, ...env },
    });
  }

  async sftpPort(): Promise<number> {
    return Number((await this.child.output(/SFTP server listening on [\d.]+:(\d+)/))[1]);
  }

  async get(what: string): Promise<HttpAnswer> {
    const [, address = ''] = await this.child.output(/HTTP server listening on ([\d.]+:\d+)/);
    const answer = await fetch(`http://${address}${what}`, { headers: { connection: 'close' } });
    return { status: answer.status, body: await answer.text() };
  }

  /**
   * The value of a line of `/metrics`; 0 where there is none.
   *
   * @param series as it stands there, e.g. `sftp_server_io_total{network_io_direction="receive"}`
   */
  async metric(series: string): Promise<number> {
    const { body } = await this.get('/metrics');
    const line = body.split('\n').find((text) => text.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length + 1));
  }

  /** Waits until the line of a metric has a value; each look is a scrape. */
  async untilMetric(series: string, value: number): Promise<void> {
    while ((await this.metric(series)) !== value) await new Promise(setImmediate);
  }
}
