import type { SftpBackend } from '../../filesystem/backend.js';

/** What a backend may leave out, on whichever side it lives; open files are random access in any case. */
export const REMOTE_CAPABILITIES = [
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

/** The name of something that a remote backend may or may not be able to do. */
export type RemoteCapability = (typeof REMOTE_CAPABILITIES)[number];

/** What a backend can do beyond what every backend must. */
export function capabilitiesOf(backend: SftpBackend): RemoteCapability[] {
  return REMOTE_CAPABILITIES.filter(
    (name) => backend[name] !== undefined && backend[name] !== false,
  );
}

/** Whether a text names a capability that this version knows. */
export function isRemoteCapability(name: string): name is RemoteCapability {
  return (REMOTE_CAPABILITIES as readonly string[]).includes(name);
}
