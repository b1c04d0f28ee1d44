import { join } from 'node:path';

import type { INestApplicationContext } from '@nestjs/common';
import { type SftpModuleOptions, SftpModule, SftpServer } from 'nestjs-sftpd';

import { logIn } from '../../server/support/log-in.js';
import { portOf, startApp } from '../../server/support/nest-app.js';
import { findProgram, programOf } from '../../support/client-tools.js';
import { SftpBatch } from '../../support/openssh-client.js';
import type { RawConnection } from '../../support/raw-server.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { within } from '../../support/raw-transport.js';
import type { SftpTarget } from '../../support/sftp-target.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { type ClientKey, writeKeyPair, writeKnownHosts } from '../../support/test-keys.js';
import { Faults } from './faults.js';
import { Gatekeeper } from './gatekeeper.js';
import { Recorder } from './recorder.js';
import type { Ground, Subject } from './subjects.js';
import { told, USUAL_USER } from './told.js';

const HOST = '127.0.0.1';

/** What the stories of one file share: the keys of both sides, and a home for OpenSSH's clients. */
export interface Props {
  readonly home: TempDir;
  readonly key: ClientKey;
}

/** Makes the props. */
export async function makeProps(): Promise<Props> {
  const home = await makeTempDir();
  return { home, key: await writeKeyPair(home.path, 'client-key') };
}

/** Where one story takes place: an application over an empty storage, of which every event is recorded. */
export class Stage {
  readonly recorder: Recorder;
  readonly gates: Gatekeeper;
  readonly faults: Faults;
  readonly errors: string[] = [];
  readonly #connections: RawConnection[] = [];
  #app: INestApplicationContext | undefined;

  private constructor(
    readonly subject: Subject,
    readonly ground: Ground,
    readonly props: Props,
  ) {
    this.recorder = new Recorder((path) => ground.see(path));
    this.gates = new Gatekeeper(this.recorder);
    this.faults = new Faults();
  }

  /**
   * Starts the application.
   *
   * @param options further options of the server
   */
  static async open(
    subject: Subject,
    props: Props,
    options: Partial<SftpModuleOptions> = {},
  ): Promise<Stage> {
    const stage = new Stage(subject, await subject.prepare(), props);
    await stage.#start(options);
    return stage;
  }

  get app(): INestApplicationContext {
    if (this.#app === undefined) throw new Error('The application does not run');
    return this.#app;
  }

  get server(): SftpServer {
    return this.app.get(SftpServer, { strict: false });
  }

  get port(): number {
    return portOf(this.app);
  }

  /** Every event so far, a line each. */
  get told(): string[] {
    return this.recorder.records.map(told);
  }

  /** Logs in. */
  async connect(username: string = USUAL_USER, port: number = this.port): Promise<RawConnection> {
    const connection = await logIn({ port, username, password: username });
    // A connection that is cut is seen by whoever waits for something on it.
    connection.ssh.on('error', () => undefined);
    this.#connections.push(connection);
    return connection;
  }

  /** A channel on a new connection, after INIT. */
  async channel(username?: string): Promise<RawSftpClient> {
    return channelOf(await this.connect(username));
  }

  /** All that OpenSSH's clients need to log in. */
  async target(): Promise<SftpTarget> {
    const { home, key } = this.props;
    const identity = await writeKnownHosts(
      join(home.path, 'host-keys'),
      join(home.path, 'known_hosts'),
      HOST,
      this.port,
    );
    return {
      ...identity,
      host: HOST,
      port: this.port,
      username: USUAL_USER,
      keyFile: key.file,
      home: home.path,
      storage: this.ground.probe,
      stop: () => this.close(),
    };
  }

  /** OpenSSH's `sftp`; its local paths start at the home. */
  async openSsh(): Promise<SftpBatch> {
    return new SftpBatch(programOf(findProgram('sftp')), await this.target());
  }

  /** Hangs up on all sides and waits for the end of the application; the storage stays to be looked at. */
  async close(): Promise<void> {
    const app = this.#app;
    this.#app = undefined;
    for (const { ssh } of this.#connections.splice(0)) ssh.end();
    if (app !== undefined) await within(app.close(), 'the end of the application');
    await this.recorder.hasLooked();
  }

  async #start(options: Partial<SftpModuleOptions>): Promise<void> {
    const { home, key } = this.props;
    const ignore = (): void => undefined;
    const log = (message: unknown): void => {
      this.errors.push(String(message));
    };
    this.#app = await startApp(
      {
        imports: [
          SftpModule.forRoot({
            host: HOST,
            port: 0,
            hostKeys: { directory: join(home.path, 'host-keys'), create: true },
            auth: {
              passwords: [
                {
                  username: USUAL_USER,
                  password: USUAL_USER,
                  authorizedKeys: [key.publicLine],
                },
                { username: 'other', password: 'other' },
              ],
            },
            ...(options.mounts === undefined && {
              backend: this.faults.around(this.ground.backend),
            }),
            ...options,
          }),
        ],
        providers: [
          { provide: Recorder, useValue: this.recorder },
          ...(this.subject.gated ? [{ provide: Gatekeeper, useValue: this.gates }] : []),
        ],
      },
      { log: ignore, warn: ignore, debug: ignore, error: log },
    );
  }
}

/** One more channel of a connection, after INIT. */
export async function channelOf(connection: RawConnection): Promise<RawSftpClient> {
  const sftp = await connection.channel();
  await sftp.init();
  return sftp;
}
