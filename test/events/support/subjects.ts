import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { GetObjectCommand, NoSuchKey } from '@aws-sdk/client-s3';
import { type MaybePromise, normalizePath, type SftpBackend } from 'nestjs-sftpd';
import { FolderBackend } from 'nestjs-sftpd/folder';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { S3Backend } from 'nestjs-sftpd/s3';

import { BackendProbe } from '../../support/backend-probe.js';
import type { CephStore } from '../../support/ceph/ceph-store.js';
import { levelBackend } from '../../support/level-backends.js';
import { LocalProbe } from '../../support/local-probe.js';
import { S3Probe } from '../../support/s3-probe.js';
import { isCode, type StorageProbe } from '../../support/storage-probe.js';
import { makeTempDir } from '../../support/temp-dir.js';
import type { FaultPoint } from './faults.js';

/** What is stored under a name. */
export interface Seen {
  readonly size: number;
  readonly sha256: string;
}

/** An empty storage for one story. */
export interface Ground {
  readonly backend: SftpBackend;
  readonly probe: StorageProbe;
  /** What is stored at this very moment, where the storage can be looked at without waiting; nothing when no file is. */
  see(path: string): MaybePromise<Seen | undefined>;
  /** Names of the uploads that a store has begun to take, and neither stored nor let go, where it can tell. */
  readonly openUploads?: () => Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** Which calls of the backend make an upload; a way that has none of its own leaves it out. */
export interface UploadCalls {
  readonly open: FaultPoint;
  readonly write?: FaultPoint;
  readonly commit: FaultPoint;
  readonly abort?: FaultPoint;
}

/** A kind of storage, and what stories have to know of it. */
export interface Subject {
  readonly name: string;
  /** An upload is seen under its name from CLOSE on, whole or not at all. */
  readonly staged: boolean;
  /** Bytes that have been written can be written again, and cut off. */
  readonly rewrites: boolean;
  /** There is a gate for everything; without gates, and so without anybody who looks at uploads, other ways are taken. */
  readonly gated: boolean;
  readonly calls: UploadCalls;
  prepare(): Promise<Ground>;
}

const RANDOM_ACCESS: UploadCalls = {
  open: 'openFile',
  write: 'file.write',
  commit: 'file.close',
  abort: 'file.abort',
};

/** Memory, reached at random. */
export const MEMORY: Subject = {
  name: 'memory',
  staged: false,
  rewrites: true,
  gated: true,
  calls: RANDOM_ACCESS,
  prepare: async () => inMemory((storage) => storage),
};

/** The same in a server without gates. */
export const MEMORY_WITHOUT_GATES: Subject = {
  ...MEMORY,
  name: 'memory, without gates',
  gated: false,
};

/** A backend that takes uploads only as they come, in a server without gates, which hands them over so. */
export const STREAMING_ONLY: Subject = {
  name: 'streaming-only',
  staged: true,
  rewrites: false,
  gated: false,
  calls: {
    open: 'beginWrite',
    write: 'writer.write',
    commit: 'writer.finish',
    abort: 'writer.abort',
  },
  prepare: async () => inMemory((storage) => levelBackend('streaming-only', storage)),
};

/** The same where a gate looks at uploads: they are kept until it has. */
export const STREAMING_ONLY_INSPECTED: Subject = {
  ...STREAMING_ONLY,
  name: 'streaming-only, inspected',
  rewrites: true,
  gated: true,
  calls: { open: 'fileInfo', commit: 'writer.finish' },
};

/** A backend that takes only whole files. */
export const WHOLE_FILE_ONLY: Subject = {
  name: 'whole-file-only',
  staged: true,
  rewrites: true,
  gated: true,
  calls: { open: 'fileInfo', commit: 'writeFile' },
  prepare: async () => inMemory((storage) => levelBackend('whole-file-only', storage)),
};

/** A directory, written in place. */
export const FOLDER: Subject = { ...folder('folder', false), gated: false };

/** The same where a gate looks at uploads: they are staged until it has. */
export const FOLDER_INSPECTED: Subject = { ...folder('folder, inspected', false), staged: true };

/** A directory in which uploads appear when they are complete. */
export const ATOMIC_FOLDER: Subject = folder('atomic folder', true);

/** A bucket. @param store where it is, once that runs */
export function s3(store: () => CephStore): Subject {
  return {
    name: 's3',
    staged: true,
    rewrites: true,
    gated: true,
    calls: RANDOM_ACCESS,
    prepare: async () => {
      const { endpoint, accessKeyId, secretAccessKey, client } = store();
      const bucket = await store().bucket();
      const probe = new S3Probe(client, bucket);
      return {
        backend: new S3Backend({
          bucket,
          endpoint,
          credentials: { accessKeyId, secretAccessKey },
          forcePathStyle: true,
        }),
        probe,
        openUploads: () => probe.openUploads(),
        see: async (path) => {
          try {
            const command = new GetObjectCommand({ Bucket: bucket, Key: path.slice(1) });
            const { Body } = await client.send(command);
            const bytes = await Body?.transformToByteArray();
            return bytes && seen(bytes);
          } catch (error) {
            if (error instanceof NoSuchKey) return undefined;
            throw error;
          }
        },
        remove: async () => undefined,
      };
    },
  };
}

function folder(name: string, atomicUploads: boolean): Subject {
  return {
    name,
    staged: atomicUploads,
    rewrites: true,
    gated: true,
    calls: RANDOM_ACCESS,
    prepare: async () => {
      const root = await makeTempDir();
      return {
        backend: new FolderBackend({ root: root.path, atomicUploads }),
        probe: new LocalProbe(root.path),
        see: (path) => unlessMissing(() => readFileSync(join(root.path, path))),
        remove: () => root.remove(),
      };
    },
  };
}

function inMemory(backendOf: (storage: MemoryBackend) => SftpBackend): Ground {
  const storage = new MemoryBackend();
  return {
    backend: backendOf(storage),
    probe: new BackendProbe(storage),
    see: (path) => unlessMissing(() => readWhole(storage, path)),
    remove: async () => undefined,
  };
}

function readWhole(storage: MemoryBackend, path: string): Uint8Array {
  const canonical = normalizePath(path);
  const content = Buffer.alloc(storage.fileInfo(canonical).size);
  const file = storage.openFile(canonical, {
    read: true,
    write: false,
    append: false,
    create: false,
    truncate: false,
    exclusive: false,
  });
  const length = file.read(content, 0);
  file.close();
  return content.subarray(0, length);
}

function unlessMissing(read: () => Uint8Array): Seen | undefined {
  try {
    return seen(read());
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function seen(bytes: Uint8Array): Seen {
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
