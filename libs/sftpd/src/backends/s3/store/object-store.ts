import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

import type {
  CopyObjectCommandInput,
  HeadObjectCommandOutput,
  S3Client,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3';

import type { S3Sdk } from '../sdk.js';
import { decodeListed } from './listed-keys.js';
import { errorName, httpStatus, requestError, storeError } from './s3-errors.js';
import type {
  ContentHeaders,
  ListedPage,
  MultipartUpload,
  NewObject,
  ObjectVersion,
  OpenUpload,
  StoredObject,
  UploadedPart,
  WriteCondition,
} from './stored-object.js';

/** What every object that is written is given. */
export type Placement = Pick<
  CopyObjectCommandInput,
  'ACL' | 'StorageClass' | 'ServerSideEncryption' | 'SSEKMSKeyId'
>;

/** How an {@link ObjectStore} reaches its bucket. */
export interface StoreSettings {
  readonly bucket: string;
  readonly placement: Placement;
  /** Milliseconds for one request with all its tries. */
  readonly requestTimeout: number;
  /** Milliseconds for one part, or for one copy inside the store, with all its tries. */
  readonly transferTimeout: number;
}

/** A listing to be asked for. */
export interface ListQuery {
  readonly prefix: string;
  /** Keys are rolled up at it. @default every key is listed */
  readonly delimiter?: '/';
  /** {@link ListedPage.next} of the page before. */
  readonly next?: string | undefined;
  /** @default 1000, the most there is */
  readonly maxKeys?: number;
}

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = Parameters<
  typeof S3Client.prototype.send<Input, Output>
>[0];

/**
 * One bucket: each method is one request of S3's, with a limit of time. Failures are thrown as `SftpError` whose
 * cause is the store's own error; the status of an answer is told by `httpStatus`.
 */
export class ObjectStore {
  readonly client: S3Client;
  readonly #sdk: S3Sdk;
  readonly #bucket: string;
  readonly #placement: Placement;
  readonly #settings: StoreSettings;

  constructor(sdk: S3Sdk, client: S3Client, settings: StoreSettings) {
    this.client = client;
    this.#sdk = sdk;
    this.#bucket = settings.bucket;
    this.#placement = settings.placement;
    this.#settings = settings;
  }

  /** Bucket and placement as every command that writes has them, for the SDK's own managed uploads. */
  get target(): Placement & { readonly Bucket: string } {
    return { Bucket: this.#bucket, ...this.#placement };
  }

  /** HEAD of an object; `undefined` when it is not there. */
  async head(key: string, signal?: AbortSignal): Promise<StoredObject | undefined> {
    try {
      const command = new this.#sdk.HeadObjectCommand({ Bucket: this.#bucket, Key: key });
      return storedObject(key, await this.#send(command, signal));
    } catch (error) {
      // HEAD has no body that could name the bucket as what is missing: the start has checked that it is there.
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }
  }

  /**
   * The body of a range of one version of an object, as it comes. Its time is the caller's to limit, by `signal`.
   *
   * @param start first byte
   * @param end byte after the last; within the object
   * @throws SftpError with the status 412 when the object is another version now
   */
  async read(
    { key, etag }: ObjectVersion,
    start: number,
    end: number,
    signal: AbortSignal,
  ): Promise<Readable> {
    const command = new this.#sdk.GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Range: `bytes=${start}-${end - 1}`,
      ...(etag !== '' && { IfMatch: etag }),
    });
    let output;
    try {
      output = await this.client.send(command, { abortSignal: signal });
    } catch (error) {
      throw requestError(error, { command, input: command.input });
    }
    const body = output.Body as Readable;
    // A store that ignores the condition or the range must not pass for one that kept them.
    if (etag !== '' && output.ETag !== undefined && etagOf(output.ETag) !== etag) {
      body.destroy();
      throw storeError(preconditionFailed('The store answered with another version of the object'));
    }
    if (output.ContentLength !== undefined && output.ContentLength !== end - start) {
      body.destroy();
      throw storeError(
        new Error(
          `The store answered with ${output.ContentLength} bytes of a range of ${end - start}`,
        ),
      );
    }
    return body;
  }

  /** One page of a listing (ListObjectsV2). */
  async list(query: ListQuery, signal?: AbortSignal): Promise<ListedPage> {
    const { prefix, delimiter, next, maxKeys } = query;
    const output = await this.#send(
      new this.#sdk.ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: prefix,
        // Without it a key with a control character breaks the listing's XML.
        EncodingType: 'url',
        ...(delimiter && { Delimiter: delimiter }),
        ...(next !== undefined && { ContinuationToken: next }),
        ...(maxKeys !== undefined && { MaxKeys: maxKeys }),
      }),
      signal,
    );
    const encoded = output.EncodingType === 'url';
    return {
      objects: (output.Contents ?? []).map(({ Key, ETag, Size, LastModified }) => ({
        key: decodeListed(Key, encoded),
        etag: etagOf(ETag),
        size: Size ?? 0,
        lastModified: LastModified ?? new Date(0),
      })),
      prefixes: (output.CommonPrefixes ?? []).map(({ Prefix }) => decodeListed(Prefix, encoded)),
      next: output.IsTruncated === true ? output.NextContinuationToken : undefined,
    };
  }

  /**
   * Writes an object whole.
   *
   * @param body not to be changed before the promise settles
   * @returns the object's ETag; empty when the store tells none
   * @throws SftpError with the status 412 when the condition does not hold, 501 when the store has no conditions
   */
  async put(
    key: string,
    body: Uint8Array,
    { metadata, headers }: NewObject,
    condition: WriteCondition = {},
    signal?: AbortSignal,
  ): Promise<string> {
    const { ETag } = await this.#transfer(
      new this.#sdk.PutObjectCommand({
        ...this.target,
        Key: key,
        Body: body,
        ContentLength: body.length,
        ...headers,
        Metadata: { ...metadata },
        ...conditionOf(condition),
      }),
      signal,
    );
    return etagOf(ETag);
  }

  /** Removes an object; none need be there. */
  async delete(key: string): Promise<void> {
    await this.#send(new this.#sdk.DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
  }

  /**
   * Removes up to 1000 objects in one request.
   *
   * @returns the keys that the store did not remove, each with its reason
   */
  async deleteAll(keys: readonly string[]): Promise<{ key: string; reason: string }[]> {
    const command = new this.#sdk.DeleteObjectsCommand({
      Bucket: this.#bucket,
      Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) },
    });
    command.middlewareStack.add(
      (next) => (args) => {
        addContentMd5(args.request);
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    const { Errors = [] } = await this.#send(command);
    return Errors.map(({ Key = '', Code = '', Message = '' }) => ({
      key: Key,
      reason: `${Code} ${Message}`.trim(),
    }));
  }

  /**
   * Copies an object of at most 5 GiB inside the store.
   *
   * @param target what the copy is given in place of the source's metadata and headers
   * @default target the source's own
   * @returns the copy's ETag; empty when the store tells none
   * @throws SftpError with the status 412 when the source is another version now
   */
  async copy(
    from: ObjectVersion,
    to: string,
    target?: NewObject,
    signal?: AbortSignal,
  ): Promise<string> {
    const { CopyObjectResult } = await this.#transfer(
      new this.#sdk.CopyObjectCommand({
        ...this.target,
        Key: to,
        ...this.#sourceOf(from),
        MetadataDirective: target ? 'REPLACE' : 'COPY',
        ...target?.headers,
        ...(target && { Metadata: { ...target.metadata } }),
      }),
      signal,
    );
    return etagOf(CopyObjectResult?.ETag);
  }

  /** Begins a multipart upload; nothing shows under the key before {@link complete}. */
  async beginMultipart(key: string, { metadata, headers }: NewObject): Promise<MultipartUpload> {
    const { UploadId } = await this.#send(
      new this.#sdk.CreateMultipartUploadCommand({
        ...this.target,
        Key: key,
        ...headers,
        Metadata: { ...metadata },
      }),
    );
    if (UploadId === undefined) throw storeError(new Error('The store gave no upload id'));
    return { key, uploadId: UploadId };
  }

  /**
   * Sends one part.
   *
   * @param partNumber 1 to 10,000
   * @param body not to be changed before the promise settles; a stream is sent once and not tried again
   * @param length of the body, in bytes
   */
  async uploadPart(
    { key, uploadId }: MultipartUpload,
    partNumber: number,
    body: Uint8Array | Readable,
    length: number,
    signal?: AbortSignal,
  ): Promise<UploadedPart> {
    const { ETag } = await this.#transfer(
      new this.#sdk.UploadPartCommand({
        Bucket: this.#bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: partNumber,
        Body: body,
        ContentLength: length,
      }),
      signal,
    );
    return { partNumber, etag: ETag ?? '' };
  }

  /**
   * Makes a part of a range of another object, inside the store.
   *
   * @param start first byte
   * @param end byte after the last
   */
  async copyPart(
    { key, uploadId }: MultipartUpload,
    partNumber: number,
    from: ObjectVersion,
    start: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<UploadedPart> {
    const { CopyPartResult } = await this.#transfer(
      new this.#sdk.UploadPartCopyCommand({
        Bucket: this.#bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: partNumber,
        ...this.#sourceOf(from),
        CopySourceRange: `bytes=${start}-${end - 1}`,
      }),
      signal,
    );
    return { partNumber, etag: CopyPartResult?.ETag ?? '' };
  }

  /** The sizes of the parts that the store has, by their numbers: up to 1000 from `after` on. */
  async listParts(
    { key, uploadId }: MultipartUpload,
    after?: number,
  ): Promise<{ readonly sizes: ReadonlyMap<number, number>; readonly next: number | undefined }> {
    const { Parts = [], IsTruncated } = await this.#send(
      new this.#sdk.ListPartsCommand({
        Bucket: this.#bucket,
        Key: key,
        UploadId: uploadId,
        ...(after !== undefined && { PartNumberMarker: String(after) }),
      }),
    );
    const sizes = new Map(Parts.map(({ PartNumber = 0, Size = 0 }) => [PartNumber, Size]));
    return { sizes, next: IsTruncated === true ? Parts.at(-1)?.PartNumber : undefined };
  }

  /**
   * Makes the object of its parts: it appears under its key, whole.
   *
   * @param parts all of them, in any order
   * @throws SftpError with the status 412 when the condition does not hold
   */
  async complete(
    { key, uploadId }: MultipartUpload,
    parts: readonly UploadedPart[],
    condition: WriteCondition = {},
  ): Promise<void> {
    const inOrder = parts.toSorted((one, other) => one.partNumber - other.partNumber);
    await this.#transfer(
      new this.#sdk.CompleteMultipartUploadCommand({
        Bucket: this.#bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: {
          Parts: inOrder.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag })),
        },
        ...conditionOf(condition),
      }),
    );
  }

  /** Gives up a multipart upload with all its parts; one that is gone already is no failure. */
  async abortMultipart({ key, uploadId }: MultipartUpload): Promise<void> {
    try {
      await this.#send(
        new this.#sdk.AbortMultipartUploadCommand({
          Bucket: this.#bucket,
          Key: key,
          UploadId: uploadId,
        }),
      );
    } catch (error) {
      if (httpStatus(error) !== 404) throw error;
    }
  }

  /** The multipart uploads below a prefix that nobody has finished, page by page. */
  async *openUploads(prefix: string): AsyncGenerator<OpenUpload, void, undefined> {
    for (let after: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}; after;) {
      const output: Awaited<ReturnType<typeof this.listUploads>> = await this.listUploads(
        prefix,
        after,
      );
      yield* output.uploads;
      after = output.after;
    }
  }

  /** @internal One page of {@link openUploads}. */
  async listUploads(
    prefix: string,
    from: { KeyMarker?: string; UploadIdMarker?: string },
  ): Promise<{ uploads: OpenUpload[]; after: typeof from | undefined }> {
    const output = await this.#send(
      new this.#sdk.ListMultipartUploadsCommand({
        Bucket: this.#bucket,
        Prefix: prefix,
        EncodingType: 'url',
        ...from,
      }),
    );
    const encoded = output.EncodingType === 'url';
    const uploads = (output.Uploads ?? []).map(({ Key, UploadId = '', Initiated }) => ({
      key: decodeListed(Key, encoded),
      uploadId: UploadId,
      initiated: Initiated ?? new Date(),
    }));
    const last = output.IsTruncated === true ? uploads.at(-1) : undefined;
    return {
      uploads,
      after: last && {
        KeyMarker: decodeListed(output.NextKeyMarker, encoded) || last.key,
        UploadIdMarker: output.NextUploadIdMarker ?? last.uploadId,
      },
    };
  }

  /** Makes the bucket; one that is this account's already is no failure. */
  async createBucket(): Promise<void> {
    try {
      await this.#send(new this.#sdk.CreateBucketCommand({ Bucket: this.#bucket }));
    } catch (error) {
      if (errorName(error) !== 'BucketAlreadyOwnedByYou') throw error;
    }
  }

  #sourceOf({ key, etag }: ObjectVersion): Pick<CopyObjectCommandInput, 'CopySource'> {
    return {
      CopySource: `${this.#bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
      ...(etag !== '' && { CopySourceIfMatch: etag }),
    };
  }

  /** A request that moves no more than a page of text. */
  #send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    signal?: AbortSignal,
  ): Promise<Output> {
    return this.#within(this.#settings.requestTimeout, command, signal);
  }

  /** A request that moves content. */
  #transfer<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    signal?: AbortSignal,
  ): Promise<Output> {
    return this.#within(this.#settings.transferTimeout, command, signal);
  }

  async #within<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    milliseconds: number,
    command: Command<Input, Output>,
    signal: AbortSignal | undefined,
  ): Promise<Output> {
    // Not AbortSignal.timeout(): its timer would stay for minutes after each request.
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort();
    }, milliseconds);
    try {
      return await this.client.send<Input, Output>(command, {
        abortSignal: signal ? AbortSignal.any([limit.signal, signal]) : limit.signal,
      });
    } catch (error) {
      throw requestError(error, { command, input: command.input });
    } finally {
      clearTimeout(timer);
    }
  }
}

function conditionOf({ ifNoneMatch }: WriteCondition): { IfNoneMatch?: '*' } {
  return ifNoneMatch === undefined ? {} : { IfNoneMatch: ifNoneMatch };
}

function storedObject(key: string, output: HeadObjectCommandOutput): StoredObject {
  return {
    key,
    etag: etagOf(output.ETag),
    size: output.ContentLength ?? 0,
    lastModified: output.LastModified ?? new Date(0),
    metadata: output.Metadata ?? {},
    headers: headersOf(output),
  };
}

/** An ETag as HTTP writes it: some stores leave its quotes out, in some answers. */
function etagOf(etag = ''): string {
  return etag === '' || /^(W\/)?"/.test(etag) ? etag : `"${etag}"`;
}

function headersOf(output: HeadObjectCommandOutput): ContentHeaders {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType } =
    output;
  return Object.fromEntries(
    Object.entries({
      CacheControl,
      ContentDisposition,
      ContentEncoding,
      ContentLanguage,
      ContentType,
    }).filter(([, value]) => value !== undefined),
  );
}

function preconditionFailed(message: string): Error {
  return Object.assign(new Error(message), { $metadata: { httpStatusCode: 412 } });
}

/** Some stores refuse DeleteObjects without Content-MD5, which newer SDKs have replaced by a CRC that others do not know. */
function addContentMd5(request: unknown): void {
  const { headers, body } = request as { headers: Record<string, string>; body?: unknown };
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return;
  for (const name of Object.keys(headers)) {
    if (/^x-amz-(sdk-)?checksum-/i.test(name)) Reflect.deleteProperty(headers, name);
  }
  headers['content-md5'] = createHash('md5').update(body).digest('base64');
}
