import type {
  CopyObjectCommandInput,
  S3Client,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3';

import type { S3Sdk } from '../sdk.js';
import { requestError } from './s3-errors.js';
import type { ObjectVersion } from './stored-object.js';

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

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = Parameters<
  typeof S3Client.prototype.send<Input, Output>
>[0];

/** What the requests to one bucket have in common: their client, their limits of time, and how they fail. */
export class BucketRequests {
  readonly client: S3Client;
  protected readonly sdk: S3Sdk;
  protected readonly bucket: string;
  readonly #settings: StoreSettings;

  constructor(sdk: S3Sdk, client: S3Client, settings: StoreSettings) {
    this.client = client;
    this.sdk = sdk;
    this.bucket = settings.bucket;
    this.#settings = settings;
  }

  /** Bucket and placement as every command that writes has them, for the SDK's own managed uploads. */
  get target(): Placement & { readonly Bucket: string } {
    return { Bucket: this.bucket, ...this.#settings.placement };
  }

  /** A request that moves no more than a page of text. */
  send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    signal?: AbortSignal,
  ): Promise<Output> {
    return this.#within(this.#settings.requestTimeout, command, signal);
  }

  /** A request that moves content. */
  transfer<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    signal?: AbortSignal,
  ): Promise<Output> {
    return this.#within(this.#settings.transferTimeout, command, signal);
  }

  /** The source of a copy: exactly this version. */
  protected sourceOf({ key, etag }: ObjectVersion): Pick<CopyObjectCommandInput, 'CopySource'> {
    return {
      CopySource: `${this.bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
      ...(etag !== '' && { CopySourceIfMatch: etag }),
    };
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
