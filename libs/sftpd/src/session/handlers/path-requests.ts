import type { FileInfo } from '../../filesystem/file-info.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { StatusCode } from '../../protocol/constants.js';
import { attributesReply, nameReply, statusReply } from '../../protocol/replies.js';
import type { ChannelContext } from '../channel-context.js';
import { assertPathFits, clientPath, HOME_PATH } from '../client-path.js';
import { then } from '../time-limit.js';
import { toAttributeChanges, toWireAttributes } from '../wire-attributes.js';
import {
  callBackend,
  changes,
  changesTree,
  type Handler,
  looksAt,
  NOTHING,
  type Prepared,
} from './prepared.js';

/** STAT (draft-ietf-secsh-filexfer-02, section 6.8); a client sees its own uploads before they are committed. */
export const stat: Handler<'stat'> = (context, id, body) =>
  attributesOf(context, id, clientPath(body.path, context.limits), 'fileInfo');

/** LSTAT (section 6.8). */
export const lstat: Handler<'lstat'> = (context, id, body) =>
  attributesOf(
    context,
    id,
    clientPath(body.path, context.limits),
    context.backend.linkInfo ? 'linkInfo' : 'fileInfo',
  );

/** SETSTAT (section 6.9). */
export const setstat: Handler<'setstat'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  const wanted = toAttributeChanges(body.attributes);
  return done(context, id, 'setAttributes', changes(path), ({ backend, session, handles }) => {
    const upload = handles.stagedAt(path);
    if (upload) return upload.setAttributes(wanted, backend, session);
    if (!backend.setAttributes) throw new SftpError('ENOTSUP');
    return backend.setAttributes(path, wanted, session);
  });
};

/** `lsetstat@openssh.com` (OpenSSH PROTOCOL, section 4.7). */
export const lsetstat: Handler<'lsetstat@openssh.com'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  const wanted = toAttributeChanges(body.attributes);
  return done(context, id, 'setLinkAttributes', changes(path), ({ backend, session }) =>
    backend.setLinkAttributes?.(path, wanted, session),
  );
};

/** REMOVE (section 6.5). */
export const remove: Handler<'remove'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  const { backend, session, hooks } = context;
  return {
    claims: changes(path),
    run: () =>
      then(
        hooks.change('file.remove', path, () =>
          callBackend(context, 'delete', () => backend.delete(path, session)),
        ),
        () => statusReply(id, StatusCode.OK),
      ),
  };
};

/** RENAME (section 6.5): an existing target is an error. */
export const rename: Handler<'rename'> = (context, id, body) => renamed(context, id, body, false);

/** `posix-rename@openssh.com` (OpenSSH PROTOCOL, section 4.3): an existing target is replaced. */
export const posixRename: Handler<'posix-rename@openssh.com'> = (context, id, body) =>
  renamed(context, id, body, true);

/** `hardlink@openssh.com` (OpenSSH PROTOCOL, section 4.5). */
export const hardlink: Handler<'hardlink@openssh.com'> = (context, id, body) => {
  const existing = clientPath(body.existing, context.limits);
  const path = clientPath(body.path, context.limits);
  return done(context, id, 'hardLink', changesTree(existing, path), ({ backend, session }) =>
    backend.hardLink?.(existing, path, session),
  );
};

/** `copy-file` (draft-ietf-secsh-filexfer-extensions-00, section 6). */
export const copyFile: Handler<'copy-file'> = (context, id, body) => {
  const from = clientPath(body.from, context.limits);
  const to = clientPath(body.to, context.limits);
  const { overwrite } = body;
  return done(
    context,
    id,
    'copy',
    changesTree(from, to),
    ({ backend, session, abandoned, timeouts }) => {
      const signal = AbortSignal.any([abandoned, AbortSignal.timeout(timeouts.request)]);
      return backend.copy?.(from, to, { overwrite, signal }, session);
    },
  );
};

/** SYMLINK, with the argument order of OpenSSH (OpenSSH PROTOCOL, section 4.1). */
export const symlink: Handler<'symlink'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  const { target } = body;
  if (target === '' || target.includes('\0')) {
    throw new SftpError('EINVAL', 'Not a target that a symbolic link can have');
  }
  assertPathFits(target, context.limits);
  return done(context, id, 'symlink', changesTree(path), ({ backend, session }) => {
    if (!backend.symlink) throw new SftpError('ENOTSUP');
    return backend.symlink(path, target, session);
  });
};

/** READLINK (section 6.10). */
export const readlink: Handler<'readlink'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  const { backend, session } = context;
  return {
    claims: looksAt(path),
    run: () =>
      then(
        callBackend(context, 'readLink', () => {
          if (!backend.readLink) throw new SftpError('ENOTSUP');
          return backend.readLink(path, session);
        }),
        (target) => nameReply(id, target),
      ),
  };
};

/** REALPATH (section 6.11): the canonical path, made from the text alone. */
export const realpath: Handler<'realpath'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  return { claims: NOTHING, run: () => nameReply(id, path) };
};

/** `expand-path@openssh.com` (OpenSSH PROTOCOL, section 4.9): REALPATH with `~` and `~user`. */
export const expandPath: Handler<'expand-path@openssh.com'> = (context, id, body) => {
  const tilde = /^~([^/]*)(.*)$/s.exec(body.path);
  if (tilde) assertKnownHome(context, tilde[1] ?? '');
  // Relative paths begin at home.
  const path = clientPath(tilde ? `.${tilde[2] ?? ''}` : body.path, context.limits);
  return { claims: NOTHING, run: () => nameReply(id, path) };
};

/** `home-directory` (draft-ietf-secsh-filexfer-extensions-00, section 5). */
export const homeDirectory: Handler<'home-directory'> = (context, id, body) => {
  assertKnownHome(context, body.username);
  return { claims: NOTHING, run: () => nameReply(id, HOME_PATH) };
};

/** A session knows no home but its own. */
function assertKnownHome(context: ChannelContext, username: string): void {
  if (username !== '' && username !== context.session.username) {
    throw new SftpError('ENOENT', 'No such user');
  }
}

function attributesOf(
  context: ChannelContext,
  id: number,
  path: SftpPath,
  method: 'fileInfo' | 'linkInfo',
): Prepared {
  const { backend, session, uploads } = context;
  const call = (): MaybePromise<FileInfo> => {
    const upload = uploads.at(path);
    if (upload) return upload.stat();
    return method === 'linkInfo' && backend.linkInfo
      ? backend.linkInfo(path, session)
      : backend.fileInfo(path, session);
  };
  return {
    claims: looksAt(path),
    run: () =>
      then(callBackend(context, method, call), (info) =>
        attributesReply(id, toWireAttributes(info)),
      ),
  };
}

function renamed(
  context: ChannelContext,
  id: number,
  names: { readonly from: string; readonly to: string },
  overwrite: boolean,
): Prepared {
  const from = clientPath(names.from, context.limits);
  const to = clientPath(names.to, context.limits);
  const { backend, session, hooks } = context;
  return {
    claims: changesTree(from, to),
    run: () =>
      then(
        hooks.rename({ from, to, overwrite }, () =>
          callBackend(context, 'rename', () => backend.rename(from, to, { overwrite }, session)),
        ),
        () => statusReply(id, StatusCode.OK),
      ),
  };
}

/** A request whose answer is OK when the call succeeds. */
function done(
  context: ChannelContext,
  id: number,
  what: string,
  claims: Prepared['claims'],
  call: (context: ChannelContext) => MaybePromise<void>,
): Prepared {
  return {
    claims,
    run: () =>
      then(
        callBackend(context, what, () => call(context)),
        () => statusReply(id, StatusCode.OK),
      ),
  };
}
