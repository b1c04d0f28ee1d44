import { join } from 'node:path';
import { Child, type Ended, ROOT } from '../../smoke/child.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { logIn } from '../../server/support/log-in.js';

const MAIN = join(ROOT, 'dist', 'apps', 'documents', 'main.js');

/** A document as the API tells it. */
export interface ApiDocument {
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly modifiedAt: string;
}

/** A part of a listing as the API tells it. */
export interface ApiListing {
  readonly documents: readonly ApiDocument[];
  readonly next?: string;
}

/** The built application in a process of its own. */
export class RunningDocuments {
  private constructor(
    readonly process: Child,
    readonly sftpPort: number,
    readonly httpPort: number,
  ) {}

  /** Starts a process, which need not get as far as to listen. */
  static spawn(directory: string, env: Readonly<Record<string, string>>): Child {
    const SFTP_HOST_KEY_DIR = join(directory, 'host-keys');
    return new Child([MAIN], {
      cwd: directory,
      env: { SFTP_PORT: '0', HTTP_PORT: '0', SFTP_HOST_KEY_DIR, ...env },
    });
  }

  /** Starts it and waits until both servers listen. */
  static async start(
    directory: string,
    env: Readonly<Record<string, string>>,
  ): Promise<RunningDocuments> {
    const child = RunningDocuments.spawn(directory, env);
    const [, sftp] = await child.output(/^SFTP server listening on \S+:(\d+)$/m);
    const [, http] = await child.output(/^HTTP server listening on \S+:(\d+)$/m);
    return new RunningDocuments(child, Number(sftp), Number(http));
  }

  /** The URL of a document's content. */
  contentUrl(path: string, query = ''): string {
    return `http://127.0.0.1:${this.httpPort}/documents/content?path=${encodeURIComponent(path)}${query}`;
  }

  /** Asks the API, logged in unless the headers say otherwise. */
  fetch(url: string, init: RequestInit = {}): Promise<Response> {
    return fetch(url, { headers: { Authorization: AUTHORIZATION }, ...init });
  }

  async list(under: string, query = ''): Promise<ApiListing> {
    const url = `http://127.0.0.1:${this.httpPort}/documents?under=${encodeURIComponent(under)}${query}`;
    const response = await this.fetch(url);
    if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
    return (await response.json()) as ApiListing;
  }

  async paths(under: string): Promise<string[]> {
    return (await this.list(under)).documents.map(({ path }) => path);
  }

  post(path: string, body: Buffer | string, query = ''): Promise<Response> {
    return this.fetch(this.contentUrl(path, query), {
      method: 'POST',
      body: new Uint8Array(Buffer.from(body)),
    });
  }

  async download(path: string): Promise<Buffer> {
    const response = await this.fetch(this.contentUrl(path));
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }

  /** Logs in and opens a channel. */
  async channel(): Promise<RawSftpClient> {
    const channel = await (await logIn({ port: this.sftpPort })).channel();
    await channel.init();
    return channel;
  }

  async stop(): Promise<Ended> {
    this.process.kill('SIGTERM');
    return this.process.ended;
  }
}

/** What `dev` with the password `dev` sends. */
export const AUTHORIZATION = `Basic ${Buffer.from('dev:dev').toString('base64')}`;
