import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { storeError } from '../../store/s3-errors.js';
import type {
  ListedObject,
  ListedPage,
  MultipartUpload,
  NewObject,
  ObjectVersion,
  StoredObject,
  UploadedPart,
  WriteCondition,
} from '../../store/stored-object.js';
import type { TreeStore } from '../tree-context.js';

interface FakeObject extends NewObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly lastModified: Date;
}

interface FakeUpload extends NewObject {
  readonly key: string;
  readonly parts: Map<number, Buffer>;
}

/** A request as it came: its name, and the key or the prefix that it is about. */
export interface FakeRequest {
  readonly name: keyof TreeStore;
  readonly key: string;
}

/** A failure of the store's as the SDK makes one. */
export function failure(status: number, name = 'Failure'): Error {
  const error = Object.assign(new Error(name), { $metadata: { httpStatusCode: status } });
  error.name = name;
  return storeError(error);
}

/** A bucket in memory with the requests of an `ObjectStore`, which are recorded and can be made to fail or to wait. */
export class FakeStore implements TreeStore {
  readonly requests: FakeRequest[] = [];
  readonly #objects = new Map<string, FakeObject>();
  readonly #uploads = new Map<string, FakeUpload>();
  /** Keys in a page of a listing. */
  pageSize = 1000;
  /** Copies get ETags of their own, as those of encrypted objects do. */
  ownEtags = false;
  /** The time of the store. */
  now = new Date('2026-01-02T03:04:05.678Z');
  /** Called before each request; what it throws is what the request fails with. */
  before: (request: FakeRequest) => Promise<void> | void = () => undefined;
  #count = 0;

  /** Puts an object without a request. */
  set(key: string, body = '', { metadata, headers = {} }: Partial<NewObject> = {}): void {
    this.#write(key, Buffer.from(body), { metadata: metadata ?? {}, headers });
  }

  /** Removes an object without a request. */
  remove(key: string): void {
    this.#objects.delete(key);
  }

  /** The content of an object. */
  text(key: string): string | undefined {
    return this.#objects.get(key)?.body.toString();
  }

  /** HEAD without a request. */
  peek(key: string): StoredObject | undefined {
    const found = this.#objects.get(key);
    if (found === undefined) return undefined;
    const { metadata, headers = {} } = found;
    const lastModified = new Date(Math.floor(found.lastModified.getTime() / 1000) * 1000);
    return { ...listed(key, found), lastModified, metadata, headers };
  }

  /** All keys in the order of their bytes. */
  get keys(): string[] {
    return [...this.#objects.keys()].sort((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
  }

  /** Multipart uploads that are open. */
  get uploadCount(): number {
    return this.#uploads.size;
  }

  /** How many requests there were, by their names, since this was asked the last time. */
  counts(): Partial<Record<keyof TreeStore, number>> {
    const counts: Partial<Record<keyof TreeStore, number>> = {};
    for (const { name } of this.requests.splice(0)) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  async head(key: string): Promise<StoredObject | undefined> {
    await this.#request('head', key);
    return this.peek(key);
  }

  async list(query: Parameters<TreeStore['list']>[0], signal?: AbortSignal): Promise<ListedPage> {
    await this.#request('list', query.prefix);
    signal?.throwIfAborted();
    const { prefix, delimiter, next, maxKeys = this.pageSize } = query;
    const objects: ListedObject[] = [];
    const prefixes: string[] = [];
    let last = next ?? '';
    for (const key of this.keys.filter((name) => name.startsWith(prefix))) {
      if (next !== undefined && isBefore(key, next)) continue;
      const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const common = cut < 0 ? undefined : key.slice(0, cut + 1);
      if (common !== undefined && common === prefixes.at(-1)) continue;
      if (objects.length + prefixes.length === Math.min(maxKeys, this.pageSize))
        return { objects, prefixes, next: last };
      last = common === undefined ? key : `${common}\u{10ffff}`;
      if (common !== undefined) prefixes.push(common);
      else objects.push(listed(key, this.#found(key)));
    }
    return { objects, prefixes, next: undefined };
  }

  async put(
    key: string,
    body: Uint8Array,
    object: NewObject,
    { ifNoneMatch }: WriteCondition = {},
  ): Promise<string> {
    await this.#request('put', key);
    if (ifNoneMatch !== undefined && this.#objects.has(key)) throw failure(412);
    return this.#write(key, Buffer.from(body), object);
  }

  async delete(key: string): Promise<void> {
    await this.#request('delete', key);
    this.#objects.delete(key);
  }

  async deleteAll(keys: readonly string[]): Promise<{ key: string; reason: string }[]> {
    await this.#request('deleteAll', keys.join('\n'));
    for (const key of keys) this.#objects.delete(key);
    return [];
  }

  async copy(from: ObjectVersion, to: string, target?: NewObject): Promise<string> {
    await this.#request('copy', to);
    const source = this.#version(from);
    return this.#write(to, source.body, target ?? source, this.ownEtags);
  }

  async read(from: ObjectVersion, start: number, end: number): Promise<Readable> {
    await this.#request('read', from.key);
    return Readable.from([this.#version(from).body.subarray(start, end)]);
  }

  async beginMultipart(key: string, object: NewObject): Promise<MultipartUpload> {
    await this.#request('beginMultipart', key);
    const uploadId = String((this.#count += 1));
    this.#uploads.set(uploadId, { ...object, key, parts: new Map() });
    return { key, uploadId };
  }

  async uploadPart(
    upload: MultipartUpload,
    partNumber: number,
    body: Uint8Array | Readable,
  ): Promise<UploadedPart> {
    await this.#request('uploadPart', upload.key);
    const chunks: Buffer[] = [];
    for await (const chunk of body as Readable) chunks.push(Buffer.from(chunk as Uint8Array));
    return this.#takePart(upload, partNumber, Buffer.concat(chunks));
  }

  async copyPart(
    upload: MultipartUpload,
    partNumber: number,
    from: ObjectVersion,
    start: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<UploadedPart> {
    await this.#request('copyPart', upload.key);
    signal?.throwIfAborted();
    return this.#takePart(upload, partNumber, this.#version(from).body.subarray(start, end));
  }

  async listParts(upload: MultipartUpload, after = 0): ReturnType<TreeStore['listParts']> {
    await this.#request('listParts', upload.key);
    const parts = [...this.#upload(upload).parts]
      .filter(([partNumber]) => partNumber > after)
      .sort(([one], [other]) => one - other);
    const page = parts.slice(0, this.pageSize);
    return {
      sizes: new Map(page.map(([partNumber, { length }]) => [partNumber, length])),
      next: parts.length > page.length ? page.at(-1)?.[0] : undefined,
    };
  }

  async complete(upload: MultipartUpload, parts: readonly UploadedPart[]): Promise<void> {
    await this.#request('complete', upload.key);
    const { key, ...object } = this.#upload(upload);
    const inOrder = parts.toSorted((one, other) => one.partNumber - other.partNumber);
    const body = Buffer.concat(
      inOrder.map((part) => object.parts.get(part.partNumber) ?? Buffer.alloc(0)),
    );
    this.#write(key, body, object, true);
    this.#uploads.delete(upload.uploadId);
  }

  async abortMultipart({ key, uploadId }: MultipartUpload): Promise<void> {
    await this.#request('abortMultipart', key);
    this.#uploads.delete(uploadId);
  }

  async #request(name: keyof TreeStore, key: string): Promise<void> {
    const request = { name, key };
    this.requests.push(request);
    await this.before(request);
  }

  #found(key: string): FakeObject {
    const found = this.#objects.get(key);
    if (found === undefined) throw failure(404, 'NoSuchKey');
    return found;
  }

  #version({ key, etag }: ObjectVersion): FakeObject {
    const found = this.#found(key);
    if (found.etag !== etag) throw failure(412);
    return found;
  }

  #upload({ uploadId }: MultipartUpload): FakeUpload {
    const found = this.#uploads.get(uploadId);
    if (found === undefined) throw failure(404, 'NoSuchUpload');
    return found;
  }

  #takePart(upload: MultipartUpload, partNumber: number, body: Buffer): UploadedPart {
    this.#upload(upload).parts.set(partNumber, body);
    return { partNumber, etag: `"${partNumber}"` };
  }

  #write(key: string, body: Buffer, { metadata, headers = {} }: NewObject, own = false): string {
    const hash = createHash('md5').update(body).digest('hex');
    const etag = own ? `"${hash}-${(this.#count += 1)}"` : `"${hash}"`;
    this.#objects.set(key, { body, etag, metadata, headers, lastModified: this.now });
    return etag;
  }
}

function listed(key: string, { body, etag, lastModified }: FakeObject): ListedObject {
  return { key, etag, size: body.length, lastModified };
}

function isBefore(key: string, marker: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(marker)) <= 0;
}
