import type { SftpBackend } from '../../filesystem/backend.js';

/** What a backend may leave out: its optional methods and declarations. */
export const CAPABILITIES = [
  'linkInfo',
  'setAttributes',
  'setLinkAttributes',
  'symlink',
  'readLink',
  'hardLink',
  'statVfs',
  'copy',
  'ownerNames',
  'supportsSync',
] as const satisfies readonly (keyof SftpBackend)[];

/** The name of something that a backend may leave out. */
export type Capability = (typeof CAPABILITIES)[number];

/** What a backend leaves out; a declaration that is `false` is left out too. */
export function missingCapabilities(backend: Partial<SftpBackend>): Capability[] {
  return CAPABILITIES.filter((name) => backend[name] === undefined || backend[name] === false);
}
