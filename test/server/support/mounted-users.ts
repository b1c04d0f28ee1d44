import { Injectable } from '@nestjs/common';
import type {
  SftpBackendChoice,
  SftpBackendResolver,
  SftpSession,
  SftpTreeChoice,
} from 'nestjs-sftpd';

/** What is chosen for each user of the table: the whole tree, and what may be done in it. */
export const USERS = {
  owner: { root: '/' },
  partner: {
    permissions: { '/': ['list'], '/inbox': ['list', 'create'], '/archive': ['list', 'read'] },
  },
  editor: {
    permissions: {
      '/': ['list'],
      '/inbox': ['list', 'read', 'write', 'overwrite'],
      '/archive': ['list', 'read', 'create', 'delete', 'rename'],
    },
  },
  mover: {
    permissions: { '/': ['rename', 'overwrite'], '/inbox': ['delete'], '/archive': ['write'] },
  },
  reader: { readOnly: true },
  dropbox: { permissions: { '/inbox': ['create'] } },
  auditor: { permissions: { '/archive': ['list', 'read'] } },
} as const satisfies Readonly<Record<string, SftpTreeChoice>>;

/** A user of the table. */
export type User = keyof typeof USERS;

/** Users who see a directory as their `/`: one of the tree, below a mount point, and one of a single backend. */
export const ROOTED = {
  north: { root: '/inbox/north', createRoot: true },
  south: { backend: 'archive', root: '/south', createRoot: true },
} as const satisfies Readonly<Record<string, SftpTreeChoice>>;

/** Users whose sessions bring their choice along, as an attribute. */
export const WITH_ATTRIBUTE: Readonly<Record<string, SftpBackendChoice>> = {
  clerk: 'archive',
  vendor: { backend: 'inbox', root: '/vendor', createRoot: true, readOnly: true },
};

/** A user for whom nobody has chosen anything. */
export const STRANGER = 'stranger';

/** Every user that can log in. */
export const ALL_USERS: readonly string[] = [
  ...Object.keys(USERS),
  ...Object.keys(ROOTED),
  ...Object.keys(WITH_ATTRIBUTE),
  STRANGER,
];

/** Chooses as an application would that keeps a list, and forgets the stranger in it. */
export function chooseFromList({ username }: SftpSession): SftpBackendChoice {
  const list: ReadonlyMap<string, SftpBackendChoice> = new Map(
    Object.entries({ ...USERS, ...ROOTED }),
  );
  return list.get(username)!;
}

/** Knows where each tenant is, after a while. */
@Injectable()
export class TenantDirectory {
  async directoryOf(username: string): Promise<string | undefined> {
    await new Promise((resolve) => setImmediate(resolve));
    return username === STRANGER ? undefined : `/archive/tenants/${username}`;
  }
}

/** Chooses by what another provider knows. */
@Injectable()
export class TenantStorage implements SftpBackendResolver {
  constructor(private readonly tenants: TenantDirectory) {}

  async resolveBackend({ username }: SftpSession): Promise<SftpBackendChoice> {
    const root = await this.tenants.directoryOf(username);
    if (root === undefined) throw new Error('no tenant');
    return { root, createRoot: true };
  }
}
