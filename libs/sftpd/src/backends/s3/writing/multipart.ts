import { SftpError, toSftpError } from '../../../filesystem/sftp-error.js';
import type { S3Context } from '../s3-context.js';
import type {
  MultipartUpload,
  NewObject,
  ObjectVersion,
  UploadedPart,
  WriteCondition,
} from '../store/stored-object.js';
import type { Commit } from './commit.js';
import type { ByteRange } from './even-ranges.js';
import { giveUpMultipart } from './give-up-multipart.js';
import { isCompleted } from './is-completed.js';
import { type OpenBody, sendBody } from './send-body.js';

/**
 * One multipart upload, from its first part to its completion or its abort. The first part that fails for good
 * stops all the others: the object can never be whole.
 *
 * lib-storage's `Upload` reads one stream from its first byte to its last: it cannot hold a part back, take parts
 * out of order, copy parts inside the store, or let them grow, so this goes to the commands of the client.
 */
export class Multipart {
  readonly #context: S3Context;
  readonly #key: string;
  readonly #newObject: () => NewObject;
  readonly #ended = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #parts: UploadedPart[] = [];
  /** Sizes of the parts that the store has made itself, by number. */
  readonly #copied = new Map<number, number>();
  #upload: Promise<MultipartUpload> | undefined;
  #failure: SftpError | undefined;

  /** @param newObject what the object is given beside its content, asked for when the upload begins */
  constructor(context: S3Context, key: string, newObject: () => NewObject) {
    this.#context = context;
    this.#key = key;
    this.#newObject = newObject;
  }

  /** Whether the store knows of the upload. */
  get begun(): boolean {
    return this.#upload !== undefined;
  }

  /** @throws SftpError what a part has failed with */
  assertWhole(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Sends a part from memory.
   *
   * @param body not to be changed before the returned promise settles, which never rejects
   */
  send(number: number, body: Uint8Array): Promise<void> {
    return this.#run((upload, signal) =>
      this.#context.store.uploadPart(upload, number, body, body.length, signal),
    );
  }

  /**
   * Sends a part as a stream of known length. The returned promise never rejects.
   *
   * @param open gives the content from its beginning, anew for each try
   */
  sendStream(number: number, length: number, open: OpenBody): Promise<void> {
    const { store, settings } = this.#context;
    return this.#run((upload, signal) =>
      sendBody(
        settings,
        (body, trySignal) => store.uploadPart(upload, number, body, length, trySignal),
        open,
        signal,
      ),
    );
  }

  /** Has the store make a part of a range of an object. The returned promise never rejects. */
  copy(number: number, from: ObjectVersion, { start, end }: ByteRange): Promise<void> {
    return this.#run(async (upload, signal) => {
      const part = await this.#context.store.copyPart(upload, number, from, start, end, signal);
      this.#copied.set(number, end - start);
      return part;
    });
  }

  /** @throws SftpError what a part has failed with, once none is on its way any more */
  async allSent(): Promise<void> {
    await Promise.all(this.#underWay);
    this.assertWhole();
  }

  /**
   * Makes the object of all the parts.
   *
   * @throws SftpError when a part is missing, or what the commit fails with; the upload is to be aborted then
   */
  async complete(commit: Commit): Promise<void> {
    await this.allSent();
    const upload = await this.#begin();
    await this.#assertCopied(upload);
    await commit.run((condition) => this.#complete(upload, condition));
    this.#context.openUploads.delete(upload.uploadId);
  }

  /** Stops what is on its way, and gives the upload up when nothing is any more. Never rejects. */
  async abort(): Promise<void> {
    this.#failure ??= new SftpError('EIO', 'The upload has been aborted');
    this.#ended.abort();
    await Promise.all(this.#underWay);
    const upload = await this.#upload?.catch(() => undefined);
    if (upload !== undefined) await giveUpMultipart(this.#context, upload);
  }

  #run(
    part: (upload: MultipartUpload, signal: AbortSignal) => Promise<UploadedPart>,
  ): Promise<void> {
    const run = async (): Promise<void> => {
      try {
        this.assertWhole();
        const upload = await this.#begin();
        this.assertWhole();
        this.#parts.push(await part(upload, this.#ended.signal));
      } catch (error) {
        this.#failure ??= toSftpError(error);
        this.#ended.abort();
      }
    };
    const underWay = run().finally(() => this.#underWay.delete(underWay));
    this.#underWay.add(underWay);
    return underWay;
  }

  async #complete(upload: MultipartUpload, condition: WriteCondition): Promise<void> {
    const parts = this.#parts.toSorted((one, other) => one.partNumber - other.partNumber);
    try {
      await this.#context.store.complete(upload, parts, condition);
    } catch (error) {
      const etags = parts.map(({ etag }) => etag);
      if (!(await isCompleted(this.#context, upload.key, error, etags))) throw error;
    }
  }

  #begin(): Promise<MultipartUpload> {
    this.#upload ??= this.#context.store
      .beginMultipart(this.#key, this.#newObject())
      .then((upload) => {
        this.#context.openUploads.add(upload.uploadId);
        return upload;
      });
    return this.#upload;
  }

  /** A store that has copied something else than was asked for must not pass for one that did. */
  async #assertCopied(upload: MultipartUpload): Promise<void> {
    const expected = new Map(this.#copied);
    for (let after: number | undefined = 0; expected.size > 0 && after !== undefined;) {
      const page: Awaited<ReturnType<S3Context['store']['listParts']>> =
        await this.#context.store.listParts(upload, after === 0 ? undefined : after);
      for (const [number, size] of page.sizes) {
        if (expected.get(number) === size) expected.delete(number);
      }
      after = page.next;
    }
    const [wrong] = expected.keys();
    if (wrong === undefined) return;
    throw new SftpError('EIO', undefined, {
      cause: new Error(`The store did not copy part ${wrong} as it was asked to`),
    });
  }
}
