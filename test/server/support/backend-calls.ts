import {
  close,
  copyData,
  copyFile,
  fsetstat,
  fstat,
  fstatvfs,
  fsync,
  hardlink,
  lsetstat,
  lstat,
  mkdir,
  open,
  opendir,
  posixRename,
  type RawRequest,
  read,
  readdir,
  readlink,
  remove,
  rename,
  rmdir,
  setstat,
  stat,
  statvfs,
  symlink,
  usersGroupsById,
  write,
} from '../../support/raw-requests.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { FXF } from '../../support/raw-wire.js';
import type { AnyLevel, FaultPoint } from './faulty-backend.js';

/** A request of a client that makes the server call one method of the backend. */
export interface BackendCall {
  readonly levels: readonly AnyLevel[];
  readonly point: FaultPoint;
  /** The request as the log calls it. */
  readonly type: string;
  /** What the client is told, whatever the backend's own words are. */
  readonly message?: RegExp;
  /**
   * Does what comes before, while the backend behaves.
   *
   * @param dir holds the file `f` of {@link CONTENT}, the empty directory `d`, and the link `l` where there are links
   */
  readonly request: (sftp: RawSftpClient, dir: string) => RawRequest | Promise<RawRequest>;
}

/** What the file `f` holds. */
export const CONTENT = 'some content';

/** Every level. */
export const ALL_LEVELS: readonly AnyLevel[] = [
  'random-access',
  'streaming-only',
  'whole-file-only',
];

const CREATE = FXF.WRITE | FXF.CREAT | FXF.TRUNC;
const RANDOM: readonly AnyLevel[] = ['random-access'];
const STREAMING: readonly AnyLevel[] = ['streaming-only'];
const WHOLE: readonly AnyLevel[] = ['whole-file-only'];

/** One call of every method of the contract, at every level that has it. */
export const BACKEND_CALLS: readonly BackendCall[] = [
  ...[
    call('listDir', 'opendir', (_sftp, dir) => opendir(dir)),
    call('entries.next', 'readdir', async (sftp, dir) => readdir(await sftp.handle(opendir(dir)))),
    call('fileInfo', 'stat', (_sftp, dir) => stat(`${dir}/f`)),
    call('fileInfo', 'opendir', (_sftp, dir) => opendir(dir)),
    call('fileInfo', 'fstat', async (sftp, dir) => fstat(await sftp.handle(opendir(dir)))),
    call('makeDir', 'mkdir', (_sftp, dir) => mkdir(`${dir}/new`)),
    call('delDir', 'rmdir', (_sftp, dir) => rmdir(`${dir}/d`)),
    call('delete', 'remove', (_sftp, dir) => remove(`${dir}/f`)),
    call('rename', 'rename', (_sftp, dir) => rename(`${dir}/f`, `${dir}/g`)),
    call('rename', 'posix-rename@openssh.com', (_sftp, dir) => posixRename(`${dir}/f`, `${dir}/g`)),
    call('setAttributes', 'setstat', (_sftp, dir) => setstat(`${dir}/f`, { permissions: 0o600 })),
  ].map((each) => ({ ...each, levels: ALL_LEVELS })),
  ...[
    call('linkInfo', 'lstat', (_sftp, dir) => lstat(`${dir}/l`)),
    call('setLinkAttributes', 'lsetstat@openssh.com', (_sftp, dir) =>
      lsetstat(`${dir}/l`, { uid: 1, gid: 1 }),
    ),
    call('symlink', 'symlink', (_sftp, dir) => symlink('f', `${dir}/new`)),
    call('readLink', 'readlink', (_sftp, dir) => readlink(`${dir}/l`)),
    call('hardLink', 'hardlink@openssh.com', (_sftp, dir) => hardlink(`${dir}/f`, `${dir}/new`)),
    call('statVfs', 'statvfs@openssh.com', (_sftp, dir) => statvfs(dir)),
    call('statVfs', 'fstatvfs@openssh.com', async (sftp, dir) =>
      fstatvfs(await sftp.handle(opendir(dir))),
    ),
    call('copy', 'copy-file', (_sftp, dir) => copyFile(`${dir}/f`, `${dir}/new`, false)),
    call('ownerNames', 'users-groups-by-id@openssh.com', () => usersGroupsById([0], [0])),
    call('openFile', 'open', (_sftp, dir) => open(`${dir}/f`, FXF.READ)),
    call('file.read', 'read', async (sftp, dir) => read(await forReading(sftp, dir), 0, 12)),
    call('file.read', 'copy-data', copyOfContent),
    call('file.write', 'write', async (sftp, dir) => write(await newFile(sftp, dir), 0, 'x')),
    call('file.write', 'copy-data', copyOfContent),
    call('file.stat', 'fstat', async (sftp, dir) => fstat(await forReading(sftp, dir))),
    call('file.setAttributes', 'fsetstat', async (sftp, dir) =>
      fsetstat(await newFile(sftp, dir), { permissions: 0o600 }),
    ),
    call('file.sync', 'fsync@openssh.com', async (sftp, dir) => fsync(await newFile(sftp, dir))),
    call('file.close', 'close', async (sftp, dir) => close(await written(sftp, dir))),
  ].map((each) => ({ ...each, levels: RANDOM })),
  ...[
    call('readFileRange', 'read', async (sftp, dir) => read(await forReading(sftp, dir), 0, 12)),
    call('readFileRange', 'copy-data', copyOfContent),
    call('beginWrite', 'open', (_sftp, dir) => open(`${dir}/new`, CREATE)),
    call('writer.write', 'write', async (sftp, dir) => write(await newFile(sftp, dir), 0, 'x')),
    call('writer.finish', 'close', async (sftp, dir) => close(await written(sftp, dir))),
  ].map((each) => ({ ...each, levels: STREAMING })),
  ...[
    call('readFile', 'open', (_sftp, dir) => open(`${dir}/f`, FXF.READ)),
    call('readFile', 'read', async (sftp, dir) => {
      const handle = await sftp.handle(open(`${dir}/f`, FXF.READ | FXF.WRITE));
      return read(handle, 0, 12);
    }),
    call('writeFile', 'close', async (sftp, dir) => close(await written(sftp, dir))),
  ].map((each) => ({ ...each, levels: WHOLE })),
  ...[
    call('fileInfo', 'open', (_sftp, dir) => open(`${dir}/new`, CREATE)),
    {
      ...call('setAttributes', 'close', async (sftp, dir) => {
        const handle = await written(sftp, dir);
        await sftp.ok(fsetstat(handle, { atime: 1, mtime: 1 }));
        return close(handle);
      }),
      message: /^The file is stored, but its attributes could not be set$|took longer than/,
    },
  ].map((each) => ({ ...each, levels: [...STREAMING, ...WHOLE] })),
];

function call(
  point: FaultPoint,
  type: string,
  request: BackendCall['request'],
): Omit<BackendCall, 'levels'> {
  return { point, type, request };
}

function forReading(sftp: RawSftpClient, dir: string): Promise<Buffer> {
  return sftp.handle(open(`${dir}/f`, FXF.READ));
}

function newFile(sftp: RawSftpClient, dir: string): Promise<Buffer> {
  return sftp.handle(open(`${dir}/new`, CREATE));
}

async function written(sftp: RawSftpClient, dir: string): Promise<Buffer> {
  const handle = await newFile(sftp, dir);
  await sftp.ok(write(handle, 0, 'new content'));
  return handle;
}

async function copyOfContent(sftp: RawSftpClient, dir: string): Promise<RawRequest> {
  return copyData(await forReading(sftp, dir), 0, 0, await newFile(sftp, dir), 0);
}
