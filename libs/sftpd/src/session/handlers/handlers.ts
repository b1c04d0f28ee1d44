import { SftpError } from '../../filesystem/sftp-error.js';
import { isExtensionName } from '../../protocol/extensions.js';
import type { RequestBody, SftpRequest } from '../../protocol/requests.js';
import type { ChannelContext } from '../channel-context.js';
import { copyData } from './copy-data.js';
import { mkdir, opendir, readdir, rmdir } from './directory-requests.js';
import { close, fsetstat, fstat, fsync, open, read, write } from './file-requests.js';
import {
  copyFile,
  expandPath,
  hardlink,
  homeDirectory,
  lsetstat,
  lstat,
  posixRename,
  readlink,
  realpath,
  remove,
  rename,
  setstat,
  stat,
  symlink,
} from './path-requests.js';
import type { Handler, Prepared } from './prepared.js';
import { fstatvfs, limits, statvfs, usersGroupsById } from './storage-requests.js';

type Handlers = { readonly [T in RequestBody['type']]: Handler<T> };

/** Every request and extension with the function that serves it. */
const HANDLERS: Handlers = {
  open,
  close,
  read,
  write,
  lstat,
  fstat,
  setstat,
  fsetstat,
  opendir,
  readdir,
  remove,
  mkdir,
  rmdir,
  realpath,
  stat,
  rename,
  readlink,
  symlink,
  'posix-rename@openssh.com': posixRename,
  'statvfs@openssh.com': statvfs,
  'fstatvfs@openssh.com': fstatvfs,
  'hardlink@openssh.com': hardlink,
  'fsync@openssh.com': fsync,
  'lsetstat@openssh.com': lsetstat,
  'limits@openssh.com': limits,
  'expand-path@openssh.com': expandPath,
  'copy-data': copyData,
  'copy-file': copyFile,
  'home-directory': homeDirectory,
  'users-groups-by-id@openssh.com': usersGroupsById,
};

/**
 * Prepares a request by its type.
 *
 * @throws SftpError and whatever else is to be answered as a status; `ENOTSUP` for an extension that the
 * channel was not offered
 */
export function prepareRequest(context: ChannelContext, { id, body }: SftpRequest): Prepared {
  if (isExtensionName(body.type) && !context.extensions.has(body.type)) {
    throw new SftpError('ENOTSUP', 'The extension is not supported');
  }
  // The table's type ties each name to its handler; that name and body belong together is lost on the way.
  const handler = HANDLERS[body.type] as Handler<RequestBody['type']>;
  return handler(context, id, body);
}
