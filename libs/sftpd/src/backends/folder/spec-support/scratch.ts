import { mkdir, mkdtemp, readlink, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { normalizePath, type SftpPath } from '../../../filesystem/path.js';
import type { OpenFlags } from '../../../filesystem/open-file.js';
import { FolderBackend } from '../folder-backend.js';
import type { FolderBackendOptions } from '../folder-options.js';

/** A backend over a fresh directory, beside another directory that nothing may touch. */
export interface Scratch {
  readonly backend: FolderBackend;
  /** Host path of the served directory. */
  readonly root: string;
  /** Host path of a directory beside it. */
  readonly outside: string;
  dispose(): Promise<void>;
}

/** Where Linux keeps files in memory, which answers at once. */
export const MEMORY_DIRECTORY = '/dev/shm';

/** @param parent where to put it */
export async function makeScratch(
  options: Partial<FolderBackendOptions> = {},
  parent = tmpdir(),
): Promise<Scratch> {
  const base = await mkdtemp(path.join(parent, 'folder-backend-'));
  const root = path.join(base, 'root');
  const outside = path.join(base, 'outside');
  await mkdir(root);
  await mkdir(outside);
  const backend = new FolderBackend({ root, ...options });
  await backend.onModuleInit();
  return {
    backend,
    root,
    outside,
    dispose: async () => {
      await backend.onApplicationShutdown();
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** Runs `use` as on a platform without `/proc/self/fd`; only the opening of a root asks for the platform. */
export async function withoutDescriptors<T>(use: () => Promise<T>): Promise<T> {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform');
  Object.defineProperty(process, 'platform', { ...platform, value: 'freebsd' });
  try {
    return await use();
  } finally {
    if (platform !== undefined) Object.defineProperty(process, 'platform', platform);
  }
}

export function at(path: string): SftpPath {
  return normalizePath(path);
}

const NOTHING: OpenFlags = {
  read: false,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};

export const READ: OpenFlags = { ...NOTHING, read: true };
/** What `put` sends. */
export const PUT: OpenFlags = { ...NOTHING, write: true, create: true, truncate: true };
export const RESUME: OpenFlags = { ...NOTHING, write: true };
export const EXCLUSIVE: OpenFlags = { ...NOTHING, write: true, create: true, exclusive: true };

export async function put(backend: FolderBackend, name: string, text: string): Promise<void> {
  const file = await backend.openFile(at(name), PUT);
  await file.write(Buffer.from(text), 0);
  await file.close();
}

export async function get(backend: FolderBackend, name: string): Promise<string> {
  const file = await backend.openFile(at(name), READ);
  try {
    const target = Buffer.alloc(64 * 1024);
    return target.toString('utf8', 0, await file.read(target, 0));
  } finally {
    await file.abort();
  }
}

export async function names(backend: FolderBackend, directory = '/'): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of await backend.listDir(at(directory))) found.push(entry.name);
  return found.sort();
}

/** The descriptors of this process that lead into `base`. */
export async function descriptorsInto(base: string): Promise<string[]> {
  const found: string[] = [];
  for (const fd of await readdir('/proc/self/fd')) {
    const target = await readlink(`/proc/self/fd/${fd}`).catch(() => '');
    if (target === base || target.startsWith(`${base}/`)) found.push(target);
  }
  return found.sort();
}
