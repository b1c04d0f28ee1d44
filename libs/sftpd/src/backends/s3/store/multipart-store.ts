import type { Readable } from 'node:stream';

import { BucketRequests } from './bucket-requests.js';
import { decodeListed } from './listed-keys.js';
import { httpStatus, storeError } from './s3-errors.js';
import type {
  MultipartUpload,
  NewObject,
  ObjectVersion,
  OpenUpload,
  UploadedPart,
  WriteCondition,
} from './stored-object.js';

/** The requests of multipart uploads: an object that comes in parts, and appears when they are put together. */
export class MultipartStore extends BucketRequests {
  /** Begins a multipart upload; nothing shows under the key before {@link complete}. */
  async beginMultipart(key: string, { metadata, headers }: NewObject): Promise<MultipartUpload> {
    const { UploadId } = await this.send(
      new this.sdk.CreateMultipartUploadCommand({
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
    const { ETag } = await this.transfer(
      new this.sdk.UploadPartCommand({
        Bucket: this.bucket,
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
    const { CopyPartResult } = await this.transfer(
      new this.sdk.UploadPartCopyCommand({
        Bucket: this.bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: partNumber,
        ...this.sourceOf(from),
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
    const { Parts = [], IsTruncated } = await this.send(
      new this.sdk.ListPartsCommand({
        Bucket: this.bucket,
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
    await this.transfer(
      new this.sdk.CompleteMultipartUploadCommand({
        Bucket: this.bucket,
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
      await this.send(
        new this.sdk.AbortMultipartUploadCommand({
          Bucket: this.bucket,
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
    const output = await this.send(
      new this.sdk.ListMultipartUploadsCommand({
        Bucket: this.bucket,
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
}

/** The condition of a write as the commands have it. */
export function conditionOf({ ifNoneMatch }: WriteCondition): { IfNoneMatch?: '*' } {
  return ifNoneMatch === undefined ? {} : { IfNoneMatch: ifNoneMatch };
}
