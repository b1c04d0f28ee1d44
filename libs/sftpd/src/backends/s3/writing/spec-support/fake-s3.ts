import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import type { S3Client } from '@aws-sdk/client-s3';

import type { MaybePromise } from '../../../../filesystem/maybe-promise.js';

/** What the commands that the backend sends may hold. */
interface Input {
  readonly Key?: string;
  readonly Body?: Uint8Array | Readable;
  readonly ContentLength?: number;
  readonly ContentType?: string;
  readonly ContentEncoding?: string;
  readonly Metadata?: Record<string, string>;
  readonly MetadataDirective?: string;
  readonly Range?: string;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly UploadId?: string;
  readonly PartNumber?: number;
  readonly PartNumberMarker?: string;
  readonly CopySource?: string;
  readonly CopySourceRange?: string;
  readonly MultipartUpload?: { readonly Parts?: { PartNumber: number; ETag: string }[] };
}

interface FakeObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly metadata: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly lastModified: Date;
}

interface FakeUpload {
  readonly key: string;
  readonly metadata: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

/** A failure as the SDK throws it. */
export function s3Failure(name: string, status: number, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

/** One bucket in memory that keeps S3's rules of multipart uploads, and lets a spec hold or fail each call. */
export class FakeS3 {
  readonly objects = new Map<string, FakeObject>();
  readonly uploads = new Map<string, FakeUpload>();
  /** Such as `UploadPart 2 1000`, `CreateMultipartUpload`, `UploadPartCopy 1 5242880`. */
  readonly calls: string[] = [];
  /** Every upload id that there has been. */
  readonly uploadIds: string[] = [];
  /** Comes between a call and what it does; may throw, or keep it waiting. */
  before: (call: string) => MaybePromise<void> = () => undefined;
  /** Whether a call that is aborted goes on nevertheless, until it is over. */
  deaf = false;
  /** Comes between what a call has done and its answer. */
  after: (call: string) => MaybePromise<void> = () => undefined;
  /** Bytes of the shortest part but the last. */
  minPart = 1;
  /** What the store says to `If-None-Match`; `undefined` when it knows it. */
  unknownCondition: Error | undefined;
  /** Whether the condition is ignored when a multipart upload is completed, as Ceph 16 does. */
  ignoresConditionOfComplete = false;
  /** What UploadPartCopy makes of the bytes that it was asked to copy. */
  copyAs: (body: Buffer) => Buffer = (body) => body;
  #waiting: { readonly call: RegExp; readonly resolve: () => void }[] = [];

  /** What the backend takes for the SDK's client. */
  get client(): S3Client {
    const send = (
      command: { readonly constructor: { readonly name: string }; readonly input: Input },
      options?: { readonly abortSignal?: AbortSignal },
    ): Promise<unknown> => this.#send(command, options?.abortSignal);
    const config = { requestChecksumCalculation: () => Promise.resolve('WHEN_REQUIRED') };
    return { send, config } as unknown as S3Client;
  }

  /** Puts an object there. */
  put(key: string, body: Buffer, rest: Partial<FakeObject> = {}): void {
    this.objects.set(key, {
      body,
      etag: etagOf(body),
      metadata: {},
      headers: {},
      lastModified: new Date(),
      ...rest,
    });
  }

  /** The content of an object. */
  content(key: string): Buffer {
    const object = this.objects.get(key);
    if (object === undefined) throw new Error(`${key} is not there`);
    return object.body;
  }

  /** The calls of one command, without its name. */
  callsOf(name: string): string[] {
    return this.calls
      .filter((call) => call.split(' ')[0] === name)
      .map((call) => call.slice(name.length).trim());
  }

  /** Settles when a call has begun that matches, also one before. */
  async called(call: RegExp): Promise<void> {
    if (this.calls.some((other) => call.test(other))) return;
    await new Promise<void>((resolve) => this.#waiting.push({ call, resolve }));
  }

  async #send(
    command: { readonly constructor: { readonly name: string }; readonly input: Input },
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const { input } = command;
    const name = command.constructor.name.replace(/Command$/, '');
    const call = [name, input.PartNumber, lengthOf(input)].filter((word) => word !== undefined);
    const text = call.join(' ');
    this.calls.push(text);
    for (const waiting of this.#waiting) if (waiting.call.test(text)) waiting.resolve();
    const heard = this.deaf ? undefined : signal;
    await orAborted(Promise.resolve(this.before(text)), heard);
    const answer = this.#answer(name, input).then(async (output) => {
      await this.after(text);
      return output;
    });
    return orAborted(answer, heard);
  }

  async #answer(name: string, input: Input): Promise<unknown> {
    const body = input.Body === undefined ? Buffer.alloc(0) : await bodyOf(input);
    switch (name) {
      case 'PutObject':
        this.#assertFree(input);
        this.put(keyOf(input), body, kept(input));
        return { ETag: etagOf(body) };
      case 'HeadObject':
        return described(this.#object(keyOf(input)));
      case 'GetObject':
        return this.#get(input);
      case 'CopyObject': {
        const source = this.#object(sourceOf(input));
        const replaced = input.MetadataDirective === 'REPLACE' ? kept(input) : {};
        this.put(keyOf(input), source.body, {
          ...source,
          ...replaced,
          lastModified: new Date(),
        });
        // Ceph leaves the quotes out.
        return { CopyObjectResult: { ETag: source.etag.replaceAll('"', '') } };
      }
      case 'CreateMultipartUpload': {
        const id = `upload-${this.uploadIds.length + 1}`;
        this.uploadIds.push(id);
        this.uploads.set(id, { key: keyOf(input), parts: new Map(), ...kept(input) });
        return { UploadId: id };
      }
      case 'UploadPart':
        return { ETag: this.#part(input, body) };
      case 'UploadPartCopy': {
        const [start = 0, end = 0] = rangeOf(input.CopySourceRange);
        const source = this.#object(sourceOf(input)).body.subarray(start, end);
        return { CopyPartResult: { ETag: this.#part(input, this.copyAs(Buffer.from(source))) } };
      }
      case 'ListParts': {
        const after = Number(input.PartNumberMarker ?? 0);
        const parts = [...this.#upload(input).parts]
          .sort(([one], [other]) => one - other)
          .filter(([number]) => number > after);
        return {
          Parts: parts.slice(0, 2).map(([PartNumber, part]) => ({
            PartNumber,
            Size: part.body.length,
          })),
          IsTruncated: parts.length > 2,
        };
      }
      case 'CompleteMultipartUpload':
        this.#complete(input);
        return {};
      case 'AbortMultipartUpload':
        this.#upload(input);
        this.uploads.delete(input.UploadId ?? '');
        return {};
      default:
        throw new Error(`The fake store does not know ${name}`);
    }
  }

  #get(input: Input): unknown {
    const { body, etag } = this.#object(keyOf(input));
    if (input.IfMatch !== undefined && input.IfMatch !== etag) {
      throw s3Failure('PreconditionFailed', 412);
    }
    const [start = 0, end = 0] = rangeOf(input.Range);
    const range = body.subarray(start, end);
    return { Body: Readable.from([range]), ContentLength: range.length, ETag: etag };
  }

  #part(input: Input, body: Buffer): string {
    const etag = etagOf(body);
    this.#upload(input).parts.set(input.PartNumber ?? 0, { body: Buffer.from(body), etag });
    return etag;
  }

  #complete(input: Input): void {
    const upload = this.#upload(input);
    const listed = input.MultipartUpload?.Parts ?? [];
    const bodies: Buffer[] = [];
    for (const [index, { PartNumber, ETag }] of listed.entries()) {
      const part = upload.parts.get(PartNumber);
      if (part?.etag !== ETag) throw s3Failure('InvalidPart', 400);
      if (PartNumber <= (listed[index - 1]?.PartNumber ?? 0)) {
        throw s3Failure('InvalidPartOrder', 400);
      }
      if (index < listed.length - 1 && part.body.length < this.minPart) {
        throw s3Failure('EntityTooSmall', 400);
      }
      bodies.push(part.body);
    }
    if (bodies.length === 0) throw s3Failure('MalformedXML', 400);
    this.#assertFree(input);
    this.uploads.delete(input.UploadId ?? '');
    const hash = createHash('md5')
      .update(Buffer.concat(bodies.map(digestOf)))
      .digest('hex');
    const etag = `"${hash}-${bodies.length}"`;
    this.put(upload.key, Buffer.concat(bodies), { ...upload, etag });
  }

  #assertFree(input: Input): void {
    if (input.IfNoneMatch === undefined) return;
    if (this.unknownCondition !== undefined) throw this.unknownCondition;
    const key = this.uploads.get(input.UploadId ?? '')?.key;
    if (key !== undefined && this.ignoresConditionOfComplete) return;
    if (this.objects.has(key ?? keyOf(input))) throw s3Failure('PreconditionFailed', 412);
  }

  #object(key: string): FakeObject {
    const object = this.objects.get(key);
    if (object === undefined) throw s3Failure('NoSuchKey', 404);
    return object;
  }

  #upload(input: Input): FakeUpload {
    const upload = this.uploads.get(input.UploadId ?? '');
    if (upload === undefined) throw s3Failure('NoSuchUpload', 404);
    return upload;
  }
}

async function orAborted<T>(done: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return done;
  const failure = Object.assign(new Error('Request aborted'), { name: 'AbortError' });
  if (signal.aborted) throw failure;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(failure);
    signal.addEventListener('abort', abort, { once: true });
    done.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function bodyOf({ Body, ContentLength }: Input): Promise<Buffer> {
  if (Body instanceof Uint8Array) return Buffer.from(Body);
  const chunks: Buffer[] = [];
  for await (const chunk of Body as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (body.length !== ContentLength) throw s3Failure('IncompleteBody', 400);
  return body;
}

function lengthOf({ Body, ContentLength, CopySourceRange, PartNumber }: Input): number | undefined {
  if (ContentLength !== undefined && (Body !== undefined || PartNumber !== undefined)) {
    return ContentLength;
  }
  if (Body instanceof Uint8Array) return Body.length;
  if (CopySourceRange === undefined) return undefined;
  const [start = 0, end = 0] = rangeOf(CopySourceRange);
  return end - start;
}

function rangeOf(text = ''): number[] {
  const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(text) ?? [];
  return [Number(start), Number(last) + 1];
}

function keyOf({ Key = '' }: Input): string {
  return Key;
}

function sourceOf({ CopySource = '' }: Input): string {
  const [, ...key] = CopySource.split('/');
  return decodeURIComponent(key.join('/'));
}

function kept(input: Input): Pick<FakeObject, 'metadata' | 'headers'> {
  const { ContentType, ContentEncoding } = input;
  return {
    metadata: input.Metadata ?? {},
    headers: {
      ...(ContentType !== undefined && { ContentType }),
      ...(ContentEncoding !== undefined && { ContentEncoding }),
    },
  };
}

function described({ body, etag, metadata, headers, lastModified }: FakeObject): unknown {
  return {
    ETag: etag,
    ContentLength: body.length,
    LastModified: lastModified,
    Metadata: metadata,
    ...headers,
  };
}

function etagOf(body: Buffer): string {
  return `"${digestOf(body).toString('hex')}"`;
}

function digestOf(body: Buffer): Buffer {
  return createHash('md5').update(body).digest();
}
