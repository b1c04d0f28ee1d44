import { putFile } from '../../support/raw-files.js';
import * as requests from '../../support/raw-requests.js';
import type { RawConnection } from '../../support/raw-server.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { FXF, FXP, type RawAttrs } from '../../support/raw-wire.js';

/** Where a question is asked. */
interface Scene {
  readonly sftp: RawSftpClient;
  /** A directory of the question's own, which is empty but for `file`. */
  readonly dir: string;
}

/** One request, sent once. */
interface Question {
  /** What answers it where it is supported. */
  readonly answer: 'OK' | 'HANDLE' | 'DATA' | 'NAME' | 'ATTRS' | 'EXTENDED_REPLY';
  /** Sends it. @returns what has come for an answer */
  ask(scene: Scene): Promise<string>;
}

/** What came of a survey: whether each of its questions is supported, and what VERSION offers. */
export interface Survey {
  readonly supported: ReadonlyMap<string, boolean>;
  readonly offered: ReadonlyMap<string, string>;
}

const NEW = FXF.WRITE | FXF.CREAT | FXF.TRUNC;
const TIMES: RawAttrs = { atime: 981_173_106, mtime: 981_173_106 };

/** A question that only needs paths. */
function simple(answer: Question['answer'], make: (dir: string) => requests.RawRequest): Question {
  return { answer, ask: ({ sftp, dir }) => sftp.outcome(make(dir)) };
}

/** A question about an open handle, which is closed afterwards. */
function onHandle(
  answer: Question['answer'],
  open: (dir: string) => requests.RawRequest,
  make: (handle: Buffer) => requests.RawRequest,
): Question {
  return {
    answer,
    async ask({ sftp, dir }) {
      const handle = await sftp.handle(open(dir));
      const outcome = await sftp.outcome(make(handle));
      await sftp.ok(requests.close(handle));
      return outcome;
    },
  };
}

const reading = (dir: string): requests.RawRequest => requests.open(`${dir}/file`, FXF.READ);
const writing = (dir: string): requests.RawRequest => requests.open(`${dir}/new`, NEW);
const listing = (dir: string): requests.RawRequest => requests.opendir(dir);

/** Every request and extension with a handle or path that it must work on. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  OPEN: simple('HANDLE', reading),
  CLOSE: {
    answer: 'OK',
    ask: async ({ sftp, dir }) => sftp.outcome(requests.close(await sftp.handle(reading(dir)))),
  },
  READ: onHandle('DATA', reading, (handle) => requests.read(handle, 0, 4)),
  WRITE: onHandle('OK', writing, (handle) => requests.write(handle, 0, 'text')),
  LSTAT: simple('ATTRS', (dir) => requests.lstat(`${dir}/file`)),
  FSTAT: onHandle('ATTRS', reading, (handle) => requests.fstat(handle)),
  SETSTAT: simple('OK', (dir) => requests.setstat(`${dir}/file`, { permissions: 0o640, ...TIMES })),
  FSETSTAT: onHandle('OK', writing, (handle) => requests.fsetstat(handle, TIMES)),
  OPENDIR: simple('HANDLE', listing),
  READDIR: onHandle('NAME', listing, (handle) => requests.readdir(handle)),
  REMOVE: simple('OK', (dir) => requests.remove(`${dir}/file`)),
  MKDIR: simple('OK', (dir) => requests.mkdir(`${dir}/sub`)),
  RMDIR: {
    answer: 'OK',
    async ask({ sftp, dir }) {
      await sftp.ok(requests.mkdir(`${dir}/sub`));
      return sftp.outcome(requests.rmdir(`${dir}/sub`));
    },
  },
  REALPATH: simple('NAME', (dir) => requests.realpath(`${dir}/../x`)),
  STAT: simple('ATTRS', (dir) => requests.stat(`${dir}/file`)),
  RENAME: simple('OK', (dir) => requests.rename(`${dir}/file`, `${dir}/moved`)),
  READLINK: {
    answer: 'NAME',
    async ask({ sftp, dir }) {
      // Where none can be made there is none to be read, and the path does not matter.
      await sftp.status(requests.symlink('file', `${dir}/link`));
      return sftp.outcome(requests.readlink(`${dir}/link`));
    },
  },
  SYMLINK: simple('OK', (dir) => requests.symlink('file', `${dir}/link`)),
  'posix-rename@openssh.com': simple('OK', (dir) =>
    requests.posixRename(`${dir}/file`, `${dir}/moved`),
  ),
  'statvfs@openssh.com': simple('EXTENDED_REPLY', (dir) => requests.statvfs(dir)),
  'fstatvfs@openssh.com': onHandle('EXTENDED_REPLY', reading, (handle) =>
    requests.fstatvfs(handle),
  ),
  'hardlink@openssh.com': simple('OK', (dir) => requests.hardlink(`${dir}/file`, `${dir}/other`)),
  'fsync@openssh.com': onHandle('OK', writing, (handle) => requests.fsync(handle)),
  'lsetstat@openssh.com': simple('OK', (dir) => requests.lsetstat(`${dir}/file`, TIMES)),
  'limits@openssh.com': simple('EXTENDED_REPLY', () => requests.limits()),
  'expand-path@openssh.com': simple('NAME', () => requests.expandPath('~/x')),
  'copy-data': {
    answer: 'OK',
    async ask({ sftp, dir }) {
      const source = await sftp.handle(reading(dir));
      const target = await sftp.handle(writing(dir));
      const outcome = await sftp.outcome(requests.copyData(source, 0, 0, target, 0));
      for (const handle of [source, target]) await sftp.ok(requests.close(handle));
      return outcome;
    },
  },
  'copy-file': simple('OK', (dir) => requests.copyFile(`${dir}/file`, `${dir}/copy`, false)),
  'home-directory': simple('NAME', () => requests.homeDirectory('')),
  'users-groups-by-id@openssh.com': simple('EXTENDED_REPLY', () =>
    requests.usersGroupsById([0], [0]),
  ),
};

/** The requests of version 3, by their names: what a survey asks one by one, and what carries the extensions. */
export const REQUESTS: readonly string[] = Object.keys(FXP).filter(
  (name) => FXP[name as keyof typeof FXP] < FXP.STATUS && name !== 'VERSION',
);

/**
 * Asks each request and extension once.
 *
 * @throws Error when one is answered neither as it should be nor with `OP_UNSUPPORTED`
 */
export async function survey(connection: RawConnection): Promise<Survey> {
  const sftp = await connection.channel();
  const { version, extensions } = await sftp.init();
  const supported = new Map([['INIT', version === 3]]);
  for (const [name, { answer, ask }] of Object.entries(QUESTIONS)) {
    const dir = `/${name}`;
    await sftp.ok(requests.mkdir(dir));
    await putFile(sftp, `${dir}/file`, 'content');
    const outcome = await ask({ sftp, dir });
    if (outcome !== answer && outcome !== 'OP_UNSUPPORTED') {
      throw new Error(`${name} was answered with ${outcome} instead of ${answer}`);
    }
    supported.set(name, outcome === answer);
  }
  await sftp.destroy();
  if (sftp.violation) throw sftp.violation;
  return { supported, offered: extensions };
}
