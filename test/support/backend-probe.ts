import { createHash } from 'node:crypto';
import {
  normalizePath,
  type RandomAccessBackend,
  type SftpPath,
  type SftpSession,
} from 'nestjs-sftpd';
import { isCode, type StorageProbe, type StoredInfo } from './storage-probe.js';

const PROBE_SESSION: SftpSession = {
  id: 'probe',
  username: 'probe',
  peer: { address: '127.0.0.1', port: 0, ident: 'probe' },
  attributes: {},
};

/** Probes a backend through its contract. */
export class BackendProbe implements StorageProbe {
  readonly #backend: RandomAccessBackend;

  constructor(backend: RandomAccessBackend) {
    this.#backend = backend;
  }

  async info(path: string): Promise<StoredInfo | undefined> {
    const backend = this.#backend;
    const canonical = normalizePath(path);
    try {
      const info = await (backend.linkInfo?.(canonical, PROBE_SESSION) ??
        backend.fileInfo(canonical, PROBE_SESSION));
      const { type } = info;
      return {
        type: type === 'regular' || type === 'directory' || type === 'symlink' ? type : 'other',
        size: info.size,
        mode: info.mode ?? -1,
        uid: info.uid ?? -1,
        gid: info.gid ?? -1,
        modifiedAt: Math.floor((info.modifiedAt?.getTime() ?? -1000) / 1000),
      };
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async names(path: string): Promise<string[]> {
    const names: string[] = [];
    const entries = await this.#backend.listDir(normalizePath(path), PROBE_SESSION);
    for await (const entry of entries) names.push(entry.name);
    return names.sort();
  }

  async sha256(path: string): Promise<string> {
    const file = await this.#open(normalizePath(path), false);
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(1 << 20);
    for (let offset = 0; ;) {
      const length = await file.read(buffer, offset);
      if (length === 0) break;
      hash.update(buffer.subarray(0, length));
      offset += length;
    }
    await file.close();
    return hash.digest('hex');
  }

  async readLink(path: string): Promise<string> {
    const target = await this.#backend.readLink?.(normalizePath(path), PROBE_SESSION);
    if (target === undefined) throw new Error('The backend has no links');
    return target;
  }

  async makeDir(path: string): Promise<void> {
    await this.#backend.makeDir(normalizePath(path), {}, PROBE_SESSION);
  }

  async put(path: string, data: Uint8Array): Promise<void> {
    const file = await this.#open(normalizePath(path), true);
    await file.write(data, 0);
    await file.close();
  }

  #open(path: SftpPath, write: boolean): ReturnType<RandomAccessBackend['openFile']> {
    const flags = {
      read: !write,
      write,
      append: false,
      create: write,
      truncate: write,
      exclusive: false,
    };
    return this.#backend.openFile(path, flags, PROBE_SESSION);
  }
}
