import { createHash } from 'node:crypto';

import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  NotFound,
  paginateListObjectsV2,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

import type { StorageProbe, StoredInfo } from './storage-probe.js';

const MARKER = '.keep';

/** Probes a bucket, or what is below a prefix of it, by the SDK alone. */
export class S3Probe implements StorageProbe {
  readonly #client: S3Client;
  readonly #prefix: string;

  /**
   * @param prefix empty, or ending in `/`
   * @default prefix the whole bucket
   */
  constructor(
    client: S3Client,
    readonly bucket: string,
    prefix = '',
  ) {
    this.#client = client;
    this.#prefix = prefix;
  }

  async info(path: string): Promise<StoredInfo | undefined> {
    const key = this.#key(path);
    const object = key.endsWith('/') || key === '' ? undefined : await this.#head(key);
    if (object !== undefined) return infoOf('regular', object);
    const inside = key === '' || key.endsWith('/') ? key : `${key}/`;
    const [first] = await this.keys(inside, 1);
    if (first === undefined && inside !== this.#prefix) return undefined;
    return infoOf('directory', await this.#head(inside + MARKER));
  }

  async names(path: string): Promise<string[]> {
    const key = this.#key(path);
    const prefix = key === this.#prefix ? key : `${key}/`;
    const names = new Set<string>();
    for await (const { Contents = [], CommonPrefixes = [] } of this.#pages(prefix, '/')) {
      for (const { Key } of Contents) names.add(decoded(Key).slice(prefix.length));
      for (const { Prefix } of CommonPrefixes) names.add(decoded(Prefix).slice(prefix.length, -1));
    }
    return [...names].filter((name) => name !== '' && name !== MARKER).sort();
  }

  async sha256(path: string): Promise<string> {
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: this.#key(path) });
    const { Body } = await this.#client.send(command);
    const hash = createHash('sha256');
    for await (const chunk of Body as AsyncIterable<Uint8Array>) hash.update(chunk);
    return hash.digest('hex');
  }

  readLink(path: string): Promise<string> {
    return Promise.reject(new Error(`${path}: S3 has no links`));
  }

  async makeDir(path: string): Promise<void> {
    await this.put(`${path}/${MARKER}`, new Uint8Array());
  }

  async put(path: string, data: Uint8Array): Promise<void> {
    const Key = this.#key(path);
    await this.#client.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body: data }));
  }

  /**
   * The keys of the objects, markers among them.
   *
   * @param prefix what they begin with
   * @default prefix the probe's own
   * @param most so many are enough
   */
  async keys(prefix = this.#prefix, most = Infinity): Promise<string[]> {
    const keys: string[] = [];
    for await (const { Contents = [] } of this.#pages(prefix)) {
      keys.push(...Contents.map(({ Key }) => decoded(Key)));
      if (keys.length >= most) break;
    }
    return keys.slice(0, most);
  }

  /** The keys of the multipart uploads that nobody has finished or given up, in the whole bucket. */
  async openUploads(): Promise<string[]> {
    const command = new ListMultipartUploadsCommand({ Bucket: this.bucket });
    const { Uploads = [] } = await this.#client.send(command);
    return Uploads.map(({ Key = '' }) => Key);
  }

  #key(path: string): string {
    return this.#prefix + path.replace(/^\/+/, '');
  }

  async #head(key: string): Promise<HeadObjectCommandOutput | undefined> {
    try {
      return await this.#client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }));
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  #pages(prefix: string, delimiter?: '/'): ReturnType<typeof paginateListObjectsV2> {
    return paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.bucket, Prefix: prefix, Delimiter: delimiter, EncodingType: 'url' },
    );
  }
}

function infoOf(
  type: 'regular' | 'directory',
  object: HeadObjectCommandOutput | undefined,
): StoredInfo {
  const { Metadata = {}, ContentLength = 0, LastModified } = object ?? {};
  const { mode, mtime } = Metadata;
  return {
    type,
    size: ContentLength,
    mode: mode === undefined ? -1 : Number(mode) & 0o7777,
    uid: -1,
    gid: -1,
    modifiedAt: Math.floor(
      mtime === undefined ? Number(LastModified ?? -1000) / 1000 : Number(mtime),
    ),
  };
}

/** A listing is asked for in URL encoding, as XML has no place for every character of a key. */
function decoded(key = ''): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}
