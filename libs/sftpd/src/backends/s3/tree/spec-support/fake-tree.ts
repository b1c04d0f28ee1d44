import type { DirEntry } from '../../../../filesystem/file-info.js';
import { normalizePath, type SftpPath } from '../../../../filesystem/path.js';
import { KeySpace } from '../../key-space.js';
import { listDirectory } from '../listing.js';
import { type TreeContext, TreeMemory } from '../tree-context.js';
import { ConditionalWrites } from '../../writing/conditional-writes.js';
import { FakeStore } from './fake-store.js';

/** The canonical path of a text. */
export const at = (path: string): SftpPath => normalizePath(path);

/** A tree below `t/` of a bucket in memory. */
export class FakeTree implements TreeContext {
  readonly store = new FakeStore();
  readonly keys = new KeySpace('t/');
  readonly tree = new TreeMemory();
  readonly openUploads = new Set<string>();
  readonly warnings: string[] = [];
  readonly settings = {
    copyConcurrency: 4,
    transferTimeout: 10_000,
    log: {
      log: () => undefined,
      warn: (message: string) => void this.warnings.push(message),
      error: () => undefined,
    },
  };

  readonly conditionalWrites = new ConditionalWrites(this.settings.log);

  /** @param objects content by path; keys of markers among them */
  constructor(objects: Readonly<Record<string, string>> = {}) {
    for (const [path, body] of Object.entries(objects)) this.store.set(`t/${path}`, body);
  }

  /** A directory as it is listed. */
  async list(path: string): Promise<DirEntry[]> {
    const entries: DirEntry[] = [];
    for await (const entry of await listDirectory(this, this.keys, at(path))) entries.push(entry);
    return entries;
  }

  /** The keys of the whole bucket, without the prefix. */
  get paths(): string[] {
    return this.store.keys.map((key) => key.slice('t/'.length));
  }
}
