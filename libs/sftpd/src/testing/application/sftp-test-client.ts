import type { InputAttributes, SFTPWrapper, Stats } from 'ssh2';

import type { AttributeChanges } from '../../filesystem/file-info.js';
import type { SftpServer } from '../../index.js';
import { SftpTestError } from './sftp-test-error.js';
import { connect, type SshConnection } from './ssh-connection.js';

/** Who logs in, and how: by a password, or by a key. */
export interface SftpTestLogin {
  /** @default 'test' */
  readonly username?: string;
  /** @default 'test', unless there is a `privateKey` */
  readonly password?: string;
  /** A private key in OpenSSH's or PEM format, such as one of `generateTestKey`. */
  readonly privateKey?: string | Buffer;
  /** Of the private key, when it is encrypted. */
  readonly passphrase?: string;
}

/** What a server tells of a file. */
export interface SftpTestAttributes {
  /** What it is; `other` for devices, sockets and FIFOs. */
  readonly type: 'regular' | 'directory' | 'symlink' | 'other';
  /** Bytes. */
  readonly size: number;
  /** Permission bits without the file type. */
  readonly mode: number;
  /** Number of its owner. */
  readonly uid: number;
  /** Number of its group. */
  readonly gid: number;
  /** Of the last access; whole seconds. */
  readonly accessedAt: Date;
  /** Of the last change of its content; whole seconds. */
  readonly modifiedAt: Date;
}

/** An entry of a listing. */
export interface SftpTestEntry extends SftpTestAttributes {
  /** Its name in the directory. */
  readonly name: string;
  /** The line that an interactive client shows, as of `ls -l`. */
  readonly longname: string;
}

/** Attributes to set; times are given together, and so are owner and group. */
export type SftpTestChanges = AttributeChanges;

type Answer<T> = (error?: Error | null, value?: T) => void;

/**
 * A client of an SFTP server for the tests of an application, over ssh2's own. Every method rejects with an
 * {@link SftpTestError} that names the status with which the server answered.
 *
 * @example
 * const client = await SftpTestClient.connect(app.get(SftpServer), { username: 'anna', password: 'secret' });
 * await client.writeFile('/inbox/order.csv', 'item,count\n');
 * await client.close();
 */
export class SftpTestClient {
  readonly #connection: SshConnection;
  readonly #sftp: SFTPWrapper;

  private constructor(connection: SshConnection) {
    this.#connection = connection;
    this.#sftp = connection.sftp;
  }

  /**
   * Logs in to a server of an application that has started.
   *
   * @throws Error when the server does not listen, or refuses the log-in
   */
  static async connect(
    server: Pick<SftpServer, 'address'>,
    login: SftpTestLogin = {},
  ): Promise<SftpTestClient> {
    const address = server.address();
    if (address === null) {
      throw new Error('The server does not listen: start the application with init() first');
    }
    const { username = 'test', privateKey, passphrase } = login;
    const password = login.password ?? (privateKey === undefined ? 'test' : undefined);
    const connection = await connect({
      host: reachable(address.address),
      port: address.port,
      username,
      ...(password !== undefined && { password }),
      ...(privateKey !== undefined && { privateKey }),
      ...(passphrase !== undefined && { passphrase }),
    });
    return new SftpTestClient(connection);
  }

  /** Uploads a file of this machine. */
  put(localPath: string, path: string): Promise<void> {
    return this.#call(`put ${path}`, (done) => {
      this.#sftp.fastPut(localPath, path, done);
    });
  }

  /** Downloads a file to this machine. */
  get(path: string, localPath: string): Promise<void> {
    return this.#call(`get ${path}`, (done) => {
      this.#sftp.fastGet(path, localPath, done);
    });
  }

  /** Uploads a file's whole content. It settles when the server has answered the CLOSE: the file is stored. */
  writeFile(path: string, content: string | Uint8Array): Promise<void> {
    const data = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
    return this.#call(`writeFile ${path}`, (done) => {
      this.#sftp.writeFile(path, data, done);
    });
  }

  /** Downloads a file's whole content. */
  readFile(path: string): Promise<Buffer> {
    return this.#call(`readFile ${path}`, (done) => {
      this.#sftp.readFile(path, done);
    });
  }

  /** The entries of a directory, sorted by name. */
  async list(path: string): Promise<SftpTestEntry[]> {
    const entries = await this.#call<{ filename: string; longname: string; attrs: unknown }[]>(
      `list ${path}`,
      (done) => {
        this.#sftp.readdir(path, done);
      },
    );
    return entries
      .map(({ filename, longname, attrs }) => ({
        name: filename,
        longname,
        ...attributesOf(attrs as Stats),
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Attributes of what a path names, following symbolic links. */
  async stat(path: string): Promise<SftpTestAttributes> {
    return attributesOf(
      await this.#call<Stats>(`stat ${path}`, (done) => {
        this.#sftp.stat(path, done);
      }),
    );
  }

  /** Whether a path names something; rejects when the server answers with something else than NO_SUCH_FILE. */
  async exists(path: string): Promise<boolean> {
    try {
      await this.stat(path);
      return true;
    } catch (error) {
      if (error instanceof SftpTestError && error.status === 'NO_SUCH_FILE') return false;
      throw error;
    }
  }

  /** Sets attributes, following symbolic links. */
  setstat(path: string, changes: SftpTestChanges): Promise<void> {
    const { accessedAt, modifiedAt, ...others } = changes;
    const attributes: InputAttributes = {
      ...others,
      ...(accessedAt && { atime: Math.floor(accessedAt.getTime() / 1000) }),
      ...(modifiedAt && { mtime: Math.floor(modifiedAt.getTime() / 1000) }),
    };
    return this.#call(`setstat ${path}`, (done) => {
      this.#sftp.setstat(path, attributes, done);
    });
  }

  /** Makes a directory. */
  mkdir(path: string): Promise<void> {
    return this.#call(`mkdir ${path}`, (done) => {
      this.#sftp.mkdir(path, done);
    });
  }

  /** Removes an empty directory. */
  rmdir(path: string): Promise<void> {
    return this.#call(`rmdir ${path}`, (done) => {
      this.#sftp.rmdir(path, done);
    });
  }

  /** Removes a file. */
  remove(path: string): Promise<void> {
    return this.#call(`remove ${path}`, (done) => {
      this.#sftp.unlink(path, done);
    });
  }

  /** Renames a file or a directory to a name that is free. */
  rename(from: string, to: string): Promise<void> {
    return this.#call(`rename ${from} ${to}`, (done) => {
      this.#sftp.rename(from, to, done);
    });
  }

  /** Hangs up; settles when the connection is gone. */
  close(): Promise<void> {
    return this.#connection.end();
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call<T>(what: string, call: (done: Answer<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const done: Answer<T> = (error, value) => {
        if (error) reject(new SftpTestError(what, error));
        else resolve(value as T);
      };
      call(done);
      // ssh2 says nothing of what is asked when its connection is gone already.
      void this.#connection.closed.then(() => {
        done(new Error('The connection is gone'));
      });
    });
  }
}

function attributesOf(stats: Stats): SftpTestAttributes {
  return {
    type: typeOf(stats),
    size: stats.size,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    accessedAt: new Date(stats.atime * 1000),
    modifiedAt: new Date(stats.mtime * 1000),
  };
}

const TYPES: Readonly<Record<number, SftpTestAttributes['type']>> = {
  0o100000: 'regular',
  0o040000: 'directory',
  0o120000: 'symlink',
};

/** A listing has no methods to ask, so the bits of the mode are read for all. */
function typeOf({ mode }: Stats): SftpTestAttributes['type'] {
  return TYPES[mode & 0o170000] ?? 'other';
}

/** The address by which a server is reached that listens on all of them. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}
