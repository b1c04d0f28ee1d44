import type { CompletedMultipartUpload, S3Client } from '@aws-sdk/client-s3';

import type { S3Context } from '../s3-context.js';
import type { ObjectStore } from '../store/object-store.js';
import { storeError } from '../store/s3-errors.js';
import { contentStream, type ReadableContent } from './content-stream.js';
import { giveUpMultipart } from './give-up-multipart.js';
import type { Commit } from './commit.js';
import { isCompleted } from './is-completed.js';
import type { UploadTarget } from './upload-content.js';

/** How a managed upload is cut. */
export interface ManagedParts {
  /** Bytes of each part but the last, 5 MiB at least; there are at most 10,000 parts. */
  readonly partSize: number;
  /** Parts that are on their way at once. */
  readonly queueSize: number;
}

/** What lib-storage holds beside the parts on their way: the one that it cuts off, and what that is cut from. */
export const MANAGED_EXTRA_PARTS = 2;

/**
 * Stores a content that is there as a whole, longer than one part, with lib-storage's `Upload`.
 *
 * @throws SftpError what the store fails with; nothing of the upload is left then
 */
export async function uploadManaged(
  { context, key, attributes, commit }: UploadTarget,
  content: ReadableContent,
  size: number,
  { partSize, queueSize }: ManagedParts,
): Promise<void> {
  const { store, libStorage } = context;
  const { metadata, headers } = attributes.send();
  const requests = new ManagedRequests(context, key, commit);
  const body = contentStream(content, { start: 0, end: size });
  try {
    await new libStorage.Upload({
      client: requests.client,
      params: {
        ...store.target,
        Key: key,
        Body: body,
        ContentLength: size,
        ...headers,
        Metadata: { ...metadata },
      },
      partSize,
      queueSize,
      leavePartsOnError: false,
    }).done();
  } catch (error) {
    throw storeError(error);
  } finally {
    body.destroy();
    await requests.end();
  }
}

/** A command of `Upload`, whichever. */
type Command = Parameters<ObjectStore['transfer']>[0];

/**
 * The requests of one managed upload. `Upload` gives them no limit of time, tells nobody its id, and knows no
 * condition that may have to be dropped: that is added here.
 */
class ManagedRequests {
  /** What `Upload` takes for the client. */
  readonly client: S3Client;
  readonly #context: S3Context;
  readonly #key: string;
  readonly #commit: Commit;
  readonly #failed = new AbortController();
  #uploadId: string | undefined;
  #completed = false;

  constructor(context: S3Context, key: string, commit: Commit) {
    this.#context = context;
    this.#key = key;
    this.#commit = commit;
    const send = (command: Command): Promise<unknown> => this.#send(command);
    this.client = Object.create(context.store.client, { send: { value: send } }) as S3Client;
  }

  /** Sees to it that no multipart upload is left of an upload that has failed. */
  async end(): Promise<void> {
    const uploadId = this.#uploadId;
    if (uploadId === undefined) return;
    if (this.#completed) this.#context.openUploads.delete(uploadId);
    else await giveUpMultipart(this.#context, { key: this.#key, uploadId });
  }

  async #send(command: Command): Promise<unknown> {
    const { input } = command;
    if ('MultipartUpload' in input) {
      return this.#commit.run(async ({ ifNoneMatch }) => {
        Object.assign(input, { IfNoneMatch: ifNoneMatch });
        const output = await this.#complete(command, input);
        this.#completed = true;
        return output;
      });
    }
    if ('PartNumber' in input) return this.#sendPart(command);
    const output = await this.#context.store.send(command);
    if (!('UploadId' in input)) this.#begun(output);
    return output;
  }

  async #complete(
    command: Command,
    { MultipartUpload }: { readonly MultipartUpload?: CompletedMultipartUpload | undefined },
  ): Promise<unknown> {
    try {
      return await this.#context.store.transfer(command);
    } catch (error) {
      const { Parts = [] } = MultipartUpload ?? {};
      const etags = Parts.map(({ ETag = '' }) => ETag);
      if (!(await isCompleted(this.#context, this.#key, error, etags))) throw error;
      return {};
    }
  }

  /** One part that fails stops the others. */
  async #sendPart(command: Command): Promise<unknown> {
    try {
      return await this.#context.store.transfer(command, this.#failed.signal);
    } catch (error) {
      this.#failed.abort();
      throw error;
    }
  }

  #begun(output: unknown): void {
    const { UploadId } = output as { readonly UploadId?: string };
    this.#uploadId = UploadId;
    if (UploadId !== undefined) this.#context.openUploads.add(UploadId);
  }
}
