import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../support/fixtures.js';
import type { StorageProbe } from '../../support/storage-probe.js';

/** The content of the files that are there before. */
export const OLD = Buffer.from('old');
/** The content of the client's file `new-content`. */
export const NEW = Buffer.from('new content');
/** The content of the client's file `old-and-more`, which begins with {@link OLD}. */
export const MORE = Buffer.from('old and more');

/** What a client does in a directory, by a command of OpenSSH's sftp, and how one sees that it was done. */
export interface Operation {
  /** @param at the directory with a slash at its end */
  readonly command: (at: string) => string;
  /** Names of files that have to be there before. @default none */
  readonly files?: readonly string[];
  /** Names of directories that have to be there before. @default none */
  readonly directories?: readonly string[];
  /** Whether the storage, or the client's home, shows that it was done. */
  readonly done?: (storage: StorageProbe, at: string, home: string) => Promise<boolean>;
  /** What the client's answer shows, for what leaves nothing behind. */
  readonly shows?: (answer: string) => string;
}

/** What a client can do, by the names in the table. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  list: {
    command: (at) => `ls -1 ${at}`,
    shows: (answer) => (answer.includes('download') ? 'yes' : 'way'),
  },
  download: {
    command: (at) => `get ${at}download ${localName(at)}`,
    files: ['download'],
    done: async (_storage, at, home) => (await readFile(join(home, localName(at)))).equals(OLD),
  },
  upload: {
    command: (at) => `put new-content ${at}upload`,
    done: async (storage, at) => holds(storage, `${at}upload`, NEW),
  },
  replace: {
    command: (at) => `put new-content ${at}replace`,
    files: ['replace'],
    done: async (storage, at) => holds(storage, `${at}replace`, NEW),
  },
  resume: {
    command: (at) => `reput old-and-more ${at}resume`,
    files: ['resume'],
    done: async (storage, at) => holds(storage, `${at}resume`, MORE),
  },
  chmod: {
    command: (at) => `chmod 600 ${at}chmod`,
    files: ['chmod'],
    done: async (storage, at) => (await storage.info(`${at}chmod`))?.mode === 0o600,
  },
  copy: {
    command: (at) => `cp ${at}copy ${at}copied`,
    files: ['copy'],
    done: async (storage, at) => holds(storage, `${at}copied`, OLD),
  },
  mkdir: {
    command: (at) => `mkdir ${at}mkdir`,
    done: async (storage, at) => (await storage.info(`${at}mkdir`))?.type === 'directory',
  },
  rmdir: {
    command: (at) => `rmdir ${at}rmdir`,
    directories: ['rmdir'],
    done: async (storage, at) => (await storage.info(`${at}rmdir`)) === undefined,
  },
  remove: {
    command: (at) => `rm ${at}remove`,
    files: ['remove'],
    done: async (storage, at) => (await storage.info(`${at}remove`)) === undefined,
  },
  rename: {
    command: (at) => `rename ${at}rename ${at}renamed`,
    files: ['rename'],
    done: async (storage, at) => holds(storage, `${at}renamed`, OLD),
  },
  'rename-onto': {
    command: (at) => `rename ${at}rename-onto ${at}onto`,
    files: ['rename-onto', 'onto'],
    done: async (storage, at) => (await storage.info(`${at}rename-onto`)) === undefined,
  },
  symlink: {
    command: (at) => `ln -s target ${at}symlink`,
    done: async (storage, at) => (await storage.info(`${at}symlink`))?.type === 'symlink',
  },
  hardlink: {
    command: (at) => `ln ${at}hardlink ${at}hardlinked`,
    files: ['hardlink'],
    done: async (storage, at) => holds(storage, `${at}hardlinked`, OLD),
  },
  free: {
    command: (at) => `df ${at}`,
    // The client says nothing at all when it is refused.
    shows: (answer) => (answer.includes('Avail') ? 'yes' : 'no'),
  },
};

/** Puts what the operations need into directories, past all permissions. */
export async function prepare(
  storage: StorageProbe,
  directories: readonly string[],
): Promise<void> {
  for (const at of directories) {
    for (const { files = [], directories: subdirectories = [] } of Object.values(OPERATIONS)) {
      for (const name of files) await storage.put(at + name, OLD);
      for (const name of subdirectories) await storage.makeDir(at + name);
    }
  }
}

/** What an answer of the client means, in the words of the table; what else it says as it is. */
export function verdictOf({ shows }: Operation, answer: string): string {
  if (/Permission denied|not found/.test(answer)) return 'no';
  if (/does not support|unsupported/i.test(answer)) return '-';
  if (/Failure|No such file|Can't|Couldn't|error/i.test(answer)) return answer.trim();
  return shows?.(answer) ?? 'yes';
}

function localName(at: string): string {
  return `downloaded${at.replaceAll('/', '-')}`;
}

async function holds(storage: StorageProbe, path: string, content: Buffer): Promise<boolean> {
  if ((await storage.info(path))?.type !== 'regular') return false;
  return (await storage.sha256(path)) === sha256(content);
}
