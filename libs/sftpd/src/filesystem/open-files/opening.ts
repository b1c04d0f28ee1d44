import { assertFileInfo } from '../assert-file-info.js';
import type { FileInfo } from '../file-info.js';
import { isReadable, type OpenFile, type OpenFlags } from '../open-file.js';
import { isRootPath, parentPath, type SftpPath } from '../path.js';
import { SftpError, toSftpError } from '../sftp-error.js';
import type { BackendFile } from './backend-file.js';
import { BufferedWrite } from './buffered-write.js';
import { type ContentStore, EMPTY, storeFor } from './content-store.js';
import type { OpenFileResources } from './open-file-resources.js';
import { assertRegular } from './regular-file.js';
import { StreamedRead } from './streamed-read.js';
import { StreamedWrite } from './streamed-write.js';
import { WholeRead } from './whole-read.js';

/**
 * Opens a file of a backend without `openFile`, with the meaning that POSIX `open` gives the flags, by the best way
 * to its content that the backend has for what the flags ask.
 *
 * @throws SftpError `ENOENT`, `EEXIST` (`exclusive`), `EISDIR`, `ENOTDIR`, `EACCES` (no regular file), `EROFS` (no
 * way to write), `ENOTSUP` (no way to read), `EFBIG`, `ENOSPC`, and whatever the backend throws
 */
export async function openByStrategy(
  file: BackendFile,
  flags: OpenFlags,
  resources: OpenFileResources,
): Promise<OpenFile> {
  const existing = await lookUp(file, flags);
  const store = storeFor(file, resources);
  if (store === undefined && (flags.write || existing === undefined)) {
    throw new SftpError('EROFS');
  }
  if (needsReading(flags, existing) && !canBeRead(file)) {
    throw new SftpError('ENOTSUP', 'This storage cannot be read');
  }
  if (store !== undefined && flags.write) {
    return openForWriting(file, flags, existing, store, resources);
  }
  const info = existing ?? (await makeEmpty(file, flags, store));
  return file.backend.readFileRange === undefined
    ? WholeRead.open(file, flags, info, resources)
    : new StreamedRead(file, flags, info, resources.bounds);
}

async function openForWriting(
  file: BackendFile,
  flags: OpenFlags,
  existing: FileInfo | undefined,
  store: ContentStore,
  resources: OpenFileResources,
): Promise<OpenFile> {
  const startsEmpty = existing === undefined || flags.truncate;
  const streams = file.backend.beginWrite !== undefined && resources.bounds.rewrites === 'refuse';
  if (streams && startsEmpty && !isReadable(flags)) {
    return StreamedWrite.begin(file, flags, existing, resources);
  }
  return new BufferedWrite(file, flags, existing, store, resources);
}

/** A file that is opened for writing only, and keeps what it holds, has to be read as well. */
function needsReading(flags: OpenFlags, existing: FileInfo | undefined): boolean {
  return flags.read || !flags.write || (existing !== undefined && !flags.truncate);
}

function canBeRead({ backend }: BackendFile): boolean {
  return backend.readFileRange !== undefined || backend.readFile !== undefined;
}

/** What is there under the name of a file that may be opened; `undefined` when it is to be made. */
async function lookUp(file: BackendFile, flags: OpenFlags): Promise<FileInfo | undefined> {
  const exclusive = flags.create && flags.exclusive;
  const found = exclusive ? await linkInfoOf(file) : await infoOf(file, file.path);
  if (found === undefined) {
    if (!flags.create) throw new SftpError('ENOENT');
    await assertParent(file);
    return undefined;
  }
  if (exclusive) throw new SftpError('EEXIST');
  return assertRegular(found);
}

/** Storage that knows no directories of its own may say nothing of a missing one. */
async function assertParent(file: BackendFile): Promise<void> {
  const parent = parentPath(file.path);
  if (isRootPath(parent)) return;
  const info = await infoOf(file, parent);
  if (info === undefined) throw new SftpError('ENOENT');
  if (info.type !== 'directory') throw new SftpError('ENOTDIR');
}

/** A dangling link is there too. */
async function linkInfoOf(file: BackendFile): Promise<FileInfo | undefined> {
  const { backend, path, session } = file;
  if (backend.linkInfo === undefined) return infoOf(file, path);
  return unlessMissing(async () => assertFileInfo(await backend.linkInfo?.(path, session)));
}

async function infoOf(
  { backend, session }: BackendFile,
  path: SftpPath,
): Promise<FileInfo | undefined> {
  return unlessMissing(async () => assertFileInfo(await backend.fileInfo(path, session)));
}

async function unlessMissing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (toSftpError(error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the file that is then opened for reading. What somebody else has made meanwhile is not replaced. */
async function makeEmpty(
  file: BackendFile,
  flags: OpenFlags,
  store: ContentStore | undefined,
): Promise<FileInfo> {
  try {
    await store?.store(EMPTY, {
      exclusive: true,
      ...(flags.mode !== undefined && { mode: flags.mode }),
    });
  } catch (error) {
    if (flags.exclusive || toSftpError(error).code !== 'EEXIST') throw error;
  }
  return assertRegular(await file.backend.fileInfo(file.path, file.session));
}
