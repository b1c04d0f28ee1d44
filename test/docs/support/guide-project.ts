import path from 'node:path';

import { Child } from '../../smoke/child.js';
import { compile, makeProject } from '../../smoke/support/code-blocks.js';
import { logIn } from '../../server/support/log-in.js';
import { close, open, type RawText, write } from '../../support/raw-requests.js';
import type { RawReply } from '../../support/raw-replies.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import type { RawConnection } from '../../support/raw-server.js';
import { FXF } from '../../support/raw-wire.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { fencedBlocks } from './fenced-blocks.js';
import { pageOf } from './pages.js';
import type { SourceFile } from './type-script.js';

const PIECE = 32_768;

/** The files of a page, compiled against the built package, with servers that take any free port. */
export class GuideProject {
  readonly #directory: TempDir;

  private constructor(directory: TempDir) {
    this.#directory = directory;
  }

  /**
   * @param extra files beside those of the page
   * @default extra none
   * @throws Error with what the compiler says
   */
  static async build(page: string, extra: readonly SourceFile[] = []): Promise<GuideProject> {
    const directory = await makeTempDir();
    const blocks = fencedBlocks(await pageOf(page)).flatMap(({ file, code }) =>
      file === undefined ? [] : [{ file, code: code.replace('port: 2222', 'port: 0') }],
    );
    await makeProject(directory.path, [...blocks, ...extra]);
    const { code, stdout, stderr } = await compile(directory.path);
    if (code !== 0) throw new Error(stdout + stderr);
    return new GuideProject(directory);
  }

  get directory(): string {
    return this.#directory.path;
  }

  /** Starts a program, by its name as the compiler has left it: `main.js`. */
  start(program: string, env: NodeJS.ProcessEnv = {}): Child {
    return new Child([path.join(this.directory, 'dist', program)], { cwd: this.directory, env });
  }

  remove(): Promise<void> {
    return this.#directory.remove();
  }
}

/** The port of a server that says that it listens. */
export async function portOf(app: Child): Promise<number> {
  const [, port] = await app.output(/Listening on \S+ port (\d+)/);
  return Number(port);
}

/** A user's channel. */
export interface UserChannel {
  readonly connection: RawConnection;
  readonly sftp: RawSftpClient;
}

/** Logs in and opens a channel. */
export async function channelOf(
  port: number,
  username: string,
  password: string,
): Promise<UserChannel> {
  const connection = await logIn({ port, username, password });
  const sftp = await connection.channel();
  await sftp.init();
  return { connection, sftp };
}

/** Uploads a file. @returns the answer to its CLOSE */
export async function upload(
  sftp: RawSftpClient,
  name: string,
  content: RawText,
): Promise<RawReply> {
  const data = Buffer.from(content);
  const handle = await sftp.handle(open(name, FXF.WRITE | FXF.CREAT | FXF.TRUNC));
  for (let at = 0; at < data.length; at += PIECE) {
    await sftp.ok(write(handle, at, data.subarray(at, at + PIECE)));
  }
  return sftp.request(close(handle));
}
