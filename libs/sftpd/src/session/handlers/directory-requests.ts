import { assertFileInfo } from '../../filesystem/assert-file-info.js';
import type { DirEntry } from '../../filesystem/file-info.js';
import { changedEntries } from '../../filesystem/tree/entry-stream.js';
import { isRootPath, parentPath, type SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { StatusCode } from '../../protocol/constants.js';
import { statusReply } from '../../protocol/replies.js';
import type { ChannelContext } from '../channel-context.js';
import { clientPath } from '../client-path.js';
import { DirectoryHandle } from '../directory-handle.js';
import { then, withTimeLimit } from '../time-limit.js';
import { creationMode } from '../wire-attributes.js';
import { giveHandle } from './give-handle.js';
import { callBackend, changesTree, type Handler } from './prepared.js';

/** OPENDIR (draft-ietf-secsh-filexfer-02, section 6.7). */
export const opendir: Handler<'opendir'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  context.handles.reserve();
  return {
    claims: changesTree(path),
    run: () => giveHandle(context, id, openWithinTime(context, path)),
  };
};

/** READDIR (section 6.7). */
export const readdir: Handler<'readdir'> = (context, id, body) => {
  const handle = context.handles.getDirectory(body.handle);
  return {
    claims: handle.claims,
    async run() {
      const page = await withTimeLimit(
        handle.nextPage(id),
        context.timeouts.request,
        'listDir',
        () => handle.spoil(),
      );
      return page ?? statusReply(id, StatusCode.EOF);
    },
  };
};

/** MKDIR (section 6.6). */
export const mkdir: Handler<'mkdir'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  const attributes = creationMode(body.attributes, context.umask);
  return {
    claims: changesTree(path),
    run: () =>
      then(
        context.hooks.change('directory.create', path, () =>
          callBackend(context, 'makeDir', () =>
            context.backend.makeDir(path, attributes, context.session),
          ),
        ),
        () => statusReply(id, StatusCode.OK),
      ),
  };
};

/** RMDIR (section 6.6). */
export const rmdir: Handler<'rmdir'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  return {
    claims: changesTree(path),
    run: () =>
      then(
        context.hooks.change('directory.remove', path, () =>
          callBackend(context, 'delDir', () => context.backend.delDir(path, context.session)),
        ),
        () => statusReply(id, StatusCode.OK),
      ),
  };
};

type Entries = Iterable<DirEntry> | AsyncIterable<DirEntry>;

async function openWithinTime(context: ChannelContext, path: SftpPath): Promise<DirectoryHandle> {
  return withTimeLimit(
    openDirectory(context, path),
    context.timeouts.open,
    'opendir',
    (late) => void late.close(),
  );
}

async function openDirectory(context: ChannelContext, path: SftpPath): Promise<DirectoryHandle> {
  const { backend, session } = context;
  const first = await selfAndParent(context, path);
  const entries = await withUploads(context, path, await backend.listDir(path, session));
  let told = false;
  const onSkip = (name: string): void => {
    if (told) return;
    told = true;
    context.log.warn(
      `A listing of ${JSON.stringify(path)} leaves out names that no client could use, ` +
        `the first is ${JSON.stringify(name)}`,
    );
  };
  return new DirectoryHandle(path, first, entries, onSkip, context.timeouts.close);
}

/** The entries `.` and `..`. */
async function selfAndParent(
  { backend, session }: ChannelContext,
  path: SftpPath,
): Promise<DirEntry[]> {
  const { listedDirectoryInfo } = backend;
  if (listedDirectoryInfo !== undefined) {
    return ['.', '..'].map((name) => ({ name, info: listedDirectoryInfo }));
  }
  const own = assertFileInfo(await backend.fileInfo(path, session));
  if (own.type !== 'directory') throw new SftpError('ENOTDIR');
  const parent = isRootPath(path) ? own : await backend.fileInfo(parentPath(path), session);
  return [
    { name: '.', info: own },
    { name: '..', info: parent },
  ];
}

/** A listing in which the session's own unfinished uploads stand for what still bears their names. */
async function withUploads(
  { uploads }: ChannelContext,
  path: SftpPath,
  entries: Entries,
): Promise<Entries> {
  const first = await uploads.entriesOf(path);
  if (first.length === 0) return entries;
  const names = new Set(first.map(({ name }) => name));
  return changedEntries(entries, { first, keep: (name) => !names.has(name) });
}
