import type { RandomAccessBackend, SftpBackend } from '../backend.js';
import { CONTENT_METHODS, OPTIONAL_METHODS, REQUIRED_METHODS } from '../backend-methods.js';

const FORWARDED = [...REQUIRED_METHODS, ...CONTENT_METHODS, ...OPTIONAL_METHODS].filter(
  (name) => name !== 'openFile',
);

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
  const names = FORWARDED.filter((name) => methods[name] !== undefined);
  const forwarded = names.map((name) => [
    name,
    (...values: unknown[]) => methods[name]?.(...values),
  ]);
  return { ...(Object.fromEntries(forwarded) as SftpBackend), openFile };
}
