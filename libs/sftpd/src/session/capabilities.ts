import type { SftpBackend } from '../filesystem/backend.js';
import type { ExtensionName } from '../protocol/extensions.js';

const NEEDS: Readonly<Record<ExtensionName, (backend: SftpBackend) => boolean>> = {
  'posix-rename@openssh.com': () => true,
  'statvfs@openssh.com': (backend) => backend.statVfs !== undefined,
  'fstatvfs@openssh.com': (backend) => backend.statVfs !== undefined,
  'hardlink@openssh.com': (backend) => backend.hardLink !== undefined,
  'fsync@openssh.com': (backend) => backend.supportsSync === true,
  'lsetstat@openssh.com': (backend) => backend.setLinkAttributes !== undefined,
  'limits@openssh.com': () => true,
  'expand-path@openssh.com': () => true,
  'copy-data': () => true,
  'copy-file': (backend) => backend.copy !== undefined,
  'home-directory': () => true,
  'users-groups-by-id@openssh.com': (backend) => backend.ownerNames !== undefined,
};

/** The extensions that a client of this backend can be offered. */
export function extensionsOf(backend: SftpBackend): ReadonlySet<ExtensionName> {
  const names = Object.keys(NEEDS) as ExtensionName[];
  return new Set(names.filter((name) => NEEDS[name](backend)));
}
