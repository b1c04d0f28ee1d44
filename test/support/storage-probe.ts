import type { TreeDigest } from './fixtures.js';

/** What a test sees of a stored file. */
export interface StoredInfo {
  readonly type: 'regular' | 'directory' | 'symlink' | 'other';
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
}

/** A look at the stored files that goes past every SFTP client, so that no client vouches for itself. */
export interface StorageProbe {
  /** Attributes of what is there, of a link itself; `undefined` when nothing is. */
  info(path: string): Promise<StoredInfo | undefined>;
  names(path: string): Promise<string[]>;
  sha256(path: string): Promise<string>;
  readLink(path: string): Promise<string>;
  makeDir(path: string): Promise<void>;
  put(path: string, data: Uint8Array): Promise<void>;
}

/** The digest of a stored directory, to be compared with that of a local one. */
export async function digestStored(storage: StorageProbe, top: string): Promise<TreeDigest> {
  const digest: Record<string, string> = {};
  const visit = async (directory: string, prefix: string): Promise<void> => {
    for (const name of await storage.names(directory)) {
      const path = `${directory}/${name}`;
      const info = await storage.info(path);
      if (info?.type === 'directory') {
        digest[prefix + name] = 'directory';
        await visit(path, `${prefix}${name}/`);
      } else if (info?.type === 'symlink') {
        digest[prefix + name] = `-> ${await storage.readLink(path)}`;
      } else {
        digest[prefix + name] = await storage.sha256(path);
      }
    }
  };
  await visit(top, '');
  return digest;
}

/** Whether a thrown value carries this error code. */
export function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
