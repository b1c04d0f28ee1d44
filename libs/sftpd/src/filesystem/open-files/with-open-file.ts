import type { RandomAccessBackend, SftpBackend } from '../backend.js';

/** Every method but `openFile`, so that one which the contract gains cannot be forgotten here. */
const FORWARDED = {
  listDir: true,
  fileInfo: true,
  linkInfo: true,
  readFileRange: true,
  beginWrite: true,
  readFile: true,
  writeFile: true,
  makeDir: true,
  delDir: true,
  delete: true,
  rename: true,
  setAttributes: true,
  setLinkAttributes: true,
  symlink: true,
  readLink: true,
  hardLink: true,
  statVfs: true,
  copy: true,
  ownerNames: true,
} as const satisfies Record<Exclude<keyof SftpBackend, 'openFile' | 'supportsSync'>, true>;

type Method = (...values: unknown[]) => unknown;

/**
 * A backend that does everything as `backend` does, on `backend` itself, and opens files by `openFile`.
 * It has exactly the methods that `backend` has, as what is there decides what clients are offered; it never
 * supports sync, which is a matter of its open files.
 */
export function withOpenFile(
  backend: SftpBackend,
  openFile: RandomAccessBackend['openFile'],
): RandomAccessBackend {
  const methods = backend as unknown as Record<string, Method | undefined>;
  const names = Object.keys(FORWARDED).filter((name) => methods[name] !== undefined);
  const forwarded = names.map((name) => [
    name,
    (...values: unknown[]) => methods[name]?.(...values),
  ]);
  return { ...(Object.fromEntries(forwarded) as SftpBackend), openFile };
}
