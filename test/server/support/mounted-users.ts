import {
  mountTree,
  normalizePath,
  type PermissionRules,
  type RandomAccessBackend,
  readOnlyRules,
  restricted,
} from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { BackendProbe } from '../../support/backend-probe.js';
import type { SftpTarget, TestedServer } from '../../support/sftp-target.js';
import type { StorageProbe } from '../../support/storage-probe.js';

/** What each user may do; `undefined` leaves the tree as it is. */
export const USERS = {
  owner: undefined,
  partner: { '/': ['list'], '/inbox': ['list', 'create'], '/archive': ['list', 'read'] },
  editor: {
    '/': ['list'],
    '/inbox': ['list', 'read', 'write', 'overwrite'],
    '/archive': ['list', 'read', 'create', 'delete', 'rename'],
  },
  mover: { '/': ['rename', 'overwrite'], '/inbox': ['delete'], '/archive': ['write'] },
  reader: readOnlyRules,
  dropbox: { '/inbox': ['create'] },
  auditor: { '/archive': ['list', 'read'] },
} as const satisfies Readonly<Record<string, PermissionRules | undefined>>;

/** A user's name. */
export type User = keyof typeof USERS;

/** A backend at the root, another one, and a directory of a third one. */
export function threeMounts(): RandomAccessBackend {
  const archive = new MemoryBackend();
  archive.makeDir(normalizePath('/2026'), {});
  return mountTree([
    { path: normalizePath('/'), backend: new MemoryBackend({ maxBytes: 64 * 2 ** 20 }) },
    { path: normalizePath('/inbox'), backend: new MemoryBackend({ maxBytes: 32 * 2 ** 20 }) },
    { path: normalizePath('/archive'), backend: archive, root: normalizePath('/2026') },
  ]);
}

/** A server that shows the three mounts as one user sees them. */
export function serverOf(
  user: User,
  fill: (storage: StorageProbe) => Promise<void> = async () => undefined,
): TestedServer {
  return {
    name: 'memory',
    start: async (): Promise<SftpTarget> => {
      const { startBackendServer } = await import('../../support/test-server.js');
      const tree = threeMounts();
      const rules = USERS[user];
      const storage = new BackendProbe(tree);
      await fill(storage);
      return startBackendServer(rules === undefined ? tree : restricted(tree, rules), storage);
    },
  };
}
