import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

import type { HeadObjectCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';

import { takeListedObjects } from './list-request.js';
import { decodeListed } from './listed-keys.js';
import { conditionOf, MultipartStore } from './multipart-store.js';
import { errorName, httpStatus, requestError, storeError } from './s3-errors.js';
import {
  type ContentHeaders,
  etagOf,
  type ListedObject,
  type ListedPage,
  type NewObject,
  type ObjectVersion,
  type StoredObject,
  type WriteCondition,
} from './stored-object.js';

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

/**
 * One bucket: each method is one request of S3's, with a limit of time. Failures are thrown as `SftpError` whose
 * cause is the store's own error; the status of an answer is told by `httpStatus`.
 */
export class ObjectStore extends MultipartStore {
  /** HEAD of an object; `undefined` when it is not there. */
  async head(key: string, signal?: AbortSignal): Promise<StoredObject | undefined> {
    try {
      const command = new this.sdk.HeadObjectCommand({ Bucket: this.bucket, Key: key });
      return storedObject(key, await this.send(command, signal));
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
    const command = new this.sdk.GetObjectCommand({
      Bucket: this.bucket,
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
    const command = new this.sdk.ListObjectsV2Command({
      Bucket: this.bucket,
      Prefix: prefix,
      // Without it a key with a control character breaks the listing's XML.
      EncodingType: 'url',
      ...(delimiter && { Delimiter: delimiter }),
      ...(next !== undefined && { ContinuationToken: next }),
      ...(maxKeys !== undefined && { MaxKeys: maxKeys }),
    });
    const taken = takeListedObjects(command);
    const output = await this.send(command, signal);
    const encoded = output.EncodingType === 'url';
    return {
      objects: taken() ?? listedObjects(output, encoded),
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
    const { ETag } = await this.transfer(
      new this.sdk.PutObjectCommand({
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
    await this.send(new this.sdk.DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
  }

  /**
   * Removes up to 1000 objects in one request.
   *
   * @returns the keys that the store did not remove, each with its reason
   */
  async deleteAll(keys: readonly string[]): Promise<{ key: string; reason: string }[]> {
    const command = new this.sdk.DeleteObjectsCommand({
      Bucket: this.bucket,
      Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) },
    });
    command.middlewareStack.add(
      (next) => (args) => {
        addContentMd5(args.request);
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    const { Errors = [] } = await this.send(command);
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
    const { CopyObjectResult } = await this.transfer(
      new this.sdk.CopyObjectCommand({
        ...this.target,
        Key: to,
        ...this.sourceOf(from),
        MetadataDirective: target ? 'REPLACE' : 'COPY',
        ...target?.headers,
        ...(target && { Metadata: { ...target.metadata } }),
      }),
      signal,
    );
    return etagOf(CopyObjectResult?.ETag);
  }

  /** Makes the bucket; one that is this account's already is no failure. */
  async createBucket(): Promise<void> {
    try {
      await this.send(new this.sdk.CreateBucketCommand({ Bucket: this.bucket }));
    } catch (error) {
      if (errorName(error) !== 'BucketAlreadyOwnedByYou') throw error;
    }
  }
}

function listedObjects(
  { Contents = [] }: ListObjectsV2CommandOutput,
  encoded: boolean,
): readonly ListedObject[] {
  return Contents.map(({ Key, ETag, Size, LastModified }) => ({
    key: decodeListed(Key, encoded),
    etag: etagOf(ETag),
    size: Size ?? 0,
    lastModified: LastModified ?? new Date(0),
  }));
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
