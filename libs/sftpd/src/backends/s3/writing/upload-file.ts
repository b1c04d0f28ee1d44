import type { AttributeChanges, FileInfo } from '../../../filesystem/file-info.js';
import { isReadable, type OpenFile, type OpenFlags } from '../../../filesystem/open-file.js';
import { OneAtATime } from '../../../filesystem/open-files/one-at-a-time.js';
import { SftpError, toSftpError } from '../../../filesystem/sftp-error.js';
import { attributesOf } from '../object-attributes.js';
import { ObjectFile } from '../reading/object-file.js';
import type { StoredObject } from '../store/stored-object.js';
import { copyObject } from '../tree/copy-object.js';
import { ExistingContent } from './existing-content.js';
import type { UploadContent } from './upload-content.js';
import type { UploadWays } from './upload-ways.js';

/** What a change may fail with that has changed nothing. */
const HARMLESS = ['ENOTSUP', 'EFBIG'];

/**
 * A file of the store that is open for writing. Nobody else sees anything of it before its close, which makes the
 * object, whole or not at all; an abort leaves what was there before.
 */
export class UploadFile implements OpenFile {
  readonly staged = true;

  readonly #ways: UploadWays;
  readonly #flags: OpenFlags;
  readonly #calls = new OneAtATime();
  #content: UploadContent;
  #touched = false;
  #failure: SftpError | undefined;
  #open = true;

  /** @param existing what is there under the name; `undefined` for a new file */
  constructor(ways: UploadWays, flags: OpenFlags, existing: StoredObject | undefined) {
    this.#ways = ways;
    this.#flags = flags;
    const kept = flags.truncate ? undefined : existing;
    this.#content = kept === undefined ? ways.fresh() : new ExistingContent(ways, kept, false);
  }

  /** @throws SftpError `EBADF`, `ENOTSUP` where no temporary files are allowed, `EIO` */
  async read(target: Uint8Array, offset: number): Promise<number> {
    this.#assertOpen();
    if (!isReadable(this.#flags)) throw new SftpError('EBADF');
    return this.#content.read(target, offset);
  }

  /**
   * Settles when there is room for more: the client waits for the store.
   *
   * @throws SftpError `EBADF`, `ENOTSUP` for what has been sent already, `EFBIG`, `ENOSPC`, and what a part has failed
   * with
   */
  write(data: Uint8Array, offset: number): Promise<void> {
    return this.#change([], async () => {
      if (data.length === 0) return;
      this.#touched = true;
      await this.#content.write(data, this.#flags.append ? this.#content.size : offset);
      this.#attributes.touch();
    });
  }

  stat(): FileInfo {
    this.#assertOpen();
    return this.#attributes.info(this.#content.size);
  }

  /** @throws SftpError `EBADF`, `ENOTSUP` for an owner, or for a size below what has been sent; `EFBIG`, `ENOSPC` */
  async setAttributes({ size, ...others }: AttributeChanges): Promise<void> {
    this.#assertOpen();
    this.#attributes.set(others);
    if (size === undefined) return;
    await this.#change(HARMLESS, async () => {
      if (size === this.#content.size) return;
      this.#touched = true;
      await this.#content.resize(size);
      this.#attributes.touch();
    });
  }

  /** An object of the same store is copied inside it at the close, or changed on the way. */
  copyFrom(source: OpenFile): Promise<boolean> {
    return this.#calls.run(async () => {
      this.#assertOpen();
      if (!(source instanceof ObjectFile) || this.#touched || this.#content.size > 0) return false;
      await this.#content.discard();
      this.#content = new ExistingContent(this.#ways, source.object, true);
      this.#attributes.describeAs(source.object);
      return true;
    });
  }

  /** @throws SftpError what a part or the commit failed with; nothing is stored then, unless the error says so */
  close(): Promise<void> {
    return this.#end(async () => {
      if (this.#failure !== undefined) {
        await this.#content.discard();
        throw this.#failure;
      }
      await this.#content.store();
      const { context, key, commit } = this.#ways.target;
      context.tree.names.take(key);
      context.tree.attributes.remember(key, commit.etag, this.#attributes.sent);
      await this.#setOverdue();
    });
  }

  /** Never rejects: what the store does not let go of is told in the log. */
  abort(): Promise<void> {
    return this.#end(() => this.#content.discard());
  }

  get #attributes(): UploadWays['target']['attributes'] {
    return this.#ways.target.attributes;
  }

  /** Attributes that were told after the store had been told others. */
  async #setOverdue(): Promise<void> {
    const { context, key } = this.#ways.target;
    const { overdue } = this.#attributes;
    if (overdue === undefined) return;
    try {
      const object = await context.store.head(key);
      // Another one has the name by now: these attributes are not its.
      if (object?.size !== this.#content.size) return;
      const etag = await copyObject(context, object, key, overdue);
      context.tree.attributes.remember(key, etag, attributesOf(overdue.metadata));
    } catch (error) {
      const { code } = toSftpError(error);
      throw new SftpError(code, 'The file is stored, but its attributes could not be set', {
        cause: error,
      });
    }
  }

  /**
   * A change whose failure leaves the content in doubt.
   *
   * @param harmless codes of failures that do not
   */
  #change(harmless: readonly string[], change: () => Promise<void>): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertOpen();
      if (!this.#flags.write) throw new SftpError('EBADF');
      if (this.#failure !== undefined) throw this.#failure;
      try {
        await change();
      } catch (error) {
        const failure = toSftpError(error);
        if (!harmless.includes(failure.code)) this.#failure = failure;
        throw failure;
      }
    });
  }

  #end(end: () => Promise<void>): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertOpen();
      this.#open = false;
      await end();
    });
  }

  #assertOpen(): void {
    if (!this.#open) throw new SftpError('EBADF');
  }
}
