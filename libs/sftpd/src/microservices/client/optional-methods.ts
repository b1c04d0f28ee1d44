import type { CopyOptions, SftpBackend } from '../../filesystem/backend.js';
import type { SftpPath } from '../../filesystem/path.js';
import type { SftpSession } from '../../filesystem/session.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import type { Capability } from '../../filesystem/backend-methods.js';
import { decodeInfo, decodeVfsInfo, encodeChanges } from '../wire/values.js';
import { nothing, type RemoteLink } from './remote-link.js';

/** Everything that a remote backend may be able to do, each by the name of its capability. */
export type OptionalMembers = Required<Pick<SftpBackend, Capability>>;

/** All that a client can have beyond what every backend must; it takes of it what the remote backend has. */
export function optionalMembers(link: RemoteLink): OptionalMembers {
  return {
    supportsSync: true,
    linkInfo: (path, session) =>
      link.call('linkInfo', session, { path }, (value) => decodeInfo(value.record('info'))),
    setAttributes: (path, changes, session) =>
      link.call('setAttributes', session, { path, changes: encodeChanges(changes) }, nothing),
    setLinkAttributes: (path, changes, session) =>
      link.call('setLinkAttributes', session, { path, changes: encodeChanges(changes) }, nothing),
    symlink: (path, target, session) => link.call('symlink', session, { path, target }, nothing),
    readLink: (path, session) =>
      link.call('readLink', session, { path }, (value) => value.text('target')),
    hardLink: (existing, path, session) =>
      link.call('hardLink', session, { existing, path }, nothing),
    statVfs: (path, session) =>
      link.call('statVfs', session, { path }, (value) => decodeVfsInfo(value.record('info'))),
    copy: (from, to, options, session) => copyAtRemote(link, from, to, options, session),
    ownerNames: ({ uids, gids }, session) =>
      link.call('ownerNames', session, { uids, gids }, (value) => ({
        users: value.texts('users'),
        groups: value.texts('groups'),
      })),
  };
}

/** A copy that nobody waits for any more, here or because its time is up, is stopped at the other side. */
async function copyAtRemote(
  link: RemoteLink,
  from: SftpPath,
  to: SftpPath,
  { overwrite, signal }: CopyOptions,
  session: SftpSession,
): Promise<void> {
  if (signal?.aborted === true) throw new SftpError('EIO', 'The copy was cancelled');
  const request = link.nextRequest();
  const cancel = (): void => void link.tell('cancel', session, { copy: request });
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    await link.call('copy', session, { from, to, overwrite }, nothing, request);
  } catch (error) {
    // No answer, so it may still be under way.
    if (error instanceof SftpError && error.cause !== undefined) cancel();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
