import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as sdk from '@aws-sdk/client-s3';
import * as libStorage from '@aws-sdk/lib-storage';

import type { MaybePromise } from '../../../../filesystem/maybe-promise.js';
import type { OpenFile, OpenFlags } from '../../../../filesystem/open-file.js';
import { TemporaryFiles } from '../../../../filesystem/open-files/temporary-file.js';
import type { S3Context } from '../../s3-context.js';
import { s3Settings, type S3Settings } from '../../s3-settings.js';
import { ObjectStore } from '../../store/object-store.js';
import { TransferBuffers } from '../../transfer-buffers.js';
import { TransferMemory } from '../../transfer-memory.js';
import { TreeMemory } from '../../tree/tree-context.js';
import { ConditionalWrites } from '../conditional-writes.js';
import { OpenUploads } from '../open-uploads.js';
import { openUpload, type UploadRequest } from '../open-upload.js';
import { FakeS3 } from './fake-s3.js';

/** A new file that is written only; flags that are not named are off. */
const NEW_FILE: OpenFlags = {
  read: false,
  write: true,
  append: false,
  create: true,
  truncate: true,
  exclusive: false,
};

/** Flags of an existing file that is to stay what it is but for what is written. */
export const KEEP: Partial<OpenFlags> = { create: false, truncate: false };

/** A fake store and a backend's context over it, whose bounds a spec may choose. */
export class UploadBench {
  readonly s3 = new FakeS3();
  readonly warnings: string[] = [];
  readonly directory = mkdtempSync(path.join(tmpdir(), 'nestjs-sftpd-spec-'));
  context: S3Context;
  readonly #memories: TransferMemory[] = [];

  constructor() {
    this.context = this.configure();
  }

  /**
   * Begins anew with other settings.
   *
   * @param settings also ones that no user could choose, such as very short parts
   * @param memory for all uploads, in bytes
   */
  configure(settings: Partial<S3Settings> = {}, memory = 128 * 1024 * 1024): S3Context {
    const log = {
      log: () => undefined,
      warn: (message: string) => void this.warnings.push(message),
      error: () => undefined,
    };
    const uploadMemory = new TransferMemory(memory);
    const downloadMemory = new TransferMemory(memory);
    this.#memories.push(uploadMemory, downloadMemory);
    const all = { ...s3Settings({ bucket: 'bucket', log }), ...settings };
    this.context = {
      store: new ObjectStore(sdk, this.s3.client, { ...all, placement: {} }),
      libStorage,
      settings: all,
      uploadMemory,
      downloadMemory,
      partBuffers: new TransferBuffers(all.partSize, all.uploadConcurrency),
      rangeBuffers: new TransferBuffers(all.downloadRangeSize, all.downloadConcurrency),
      temporaryFiles: new TemporaryFiles(this.directory, all.maxTemporaryBytes),
      openUploads: new OpenUploads(),
      conditionalWrites: new ConditionalWrites(log),
      tree: new TreeMemory(),
    };
    return this.context;
  }

  /** Opens `f` with what is there under it. */
  async open(
    flags: Partial<OpenFlags> = {},
    request: Partial<UploadRequest> = {},
  ): Promise<OpenFile> {
    const key = request.key ?? 'f';
    return openUpload(this.context, {
      key,
      flags: { ...NEW_FILE, ...flags },
      existing: this.s3.objects.has(key) ? await this.context.store.head(key) : undefined,
      assertNameFree: () => Promise.resolve(),
      ...request,
    });
  }

  /** What is left when all uploads have ended: all of it has to be nothing. */
  get leftOvers(): unknown {
    return {
      uploads: [...this.s3.uploads.keys()],
      known: this.s3.uploadIds.filter((id) => this.context.openUploads.has(id)),
      memory: this.#memories.map((memory) => memory.used).filter((used) => used !== 0),
      temporaryBytes: this.context.temporaryFiles.used,
      temporaryFiles: readdirSync(this.directory),
    };
  }

  end(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** What {@link UploadBench.leftOvers} has to be. */
export const NOTHING_LEFT = {
  uploads: [],
  known: [],
  memory: [],
  temporaryBytes: 0,
  temporaryFiles: [],
};

/** Bytes of which no two stretches are alike. */
export function bytes(length: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed << 1) | 1;
  for (let at = 0; at < words.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}

/** A call that a spec looks at before it is over. */
export function watch(call: MaybePromise<unknown>): {
  over: boolean;
  readonly done: Promise<void>;
} {
  const watched = {
    over: false,
    done: Promise.resolve(call).then(() => {
      watched.over = true;
    }),
  };
  return watched;
}

/** Writes a content in blocks, in order. */
export async function writeAll(
  file: OpenFile,
  content: Buffer,
  block = 32 * 1024,
  from = 0,
): Promise<void> {
  for (let at = 0; at < content.length; at += block) {
    await file.write(content.subarray(at, at + block), from + at);
  }
}
