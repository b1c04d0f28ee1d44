import type { CopyOptions, OverwriteOption, SftpBackend } from '../../filesystem/backend.js';
import type { AttributeChanges, DirEntry, FileInfo, VfsInfo } from '../../filesystem/file-info.js';
import { directoryInfo } from '../../filesystem/make-file-info.js';
import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import type { SftpPath } from '../../filesystem/path.js';
import type { SftpSession } from '../../filesystem/session.js';
import type { KeySpace } from './key-space.js';
import { openObject, resizeObject } from './open-object.js';
import type { S3Context } from './s3-context.js';
import type { S3BackendOptions } from './s3-options.js';
import { s3Settings, type S3Settings } from './s3-settings.js';
import { SessionKeys } from './session-keys.js';
import { startBackend, type StartedBackend } from './start.js';
import { copyFile } from './tree/copy-file.js';
import { makeDirectory, removeDirectory } from './tree/directories.js';
import { listDirectory } from './tree/listing.js';
import { lookUp } from './tree/look-up.js';
import { removeFile } from './tree/removing.js';
import { renamePath } from './tree/renaming.js';
import { setAttributes } from './tree/set-attributes.js';
import { VFS_INFO } from './tree/vfs-info.js';

/**
 * Storage in a bucket of Amazon S3 or of any store that speaks its language.
 *
 * A file is an object, a directory what the keys of several share up to a `/`. Uploads go to the store while they
 * come, by multipart upload, and appear at CLOSE, whole or not at all; downloads are read ahead by parallel ranges
 * of one version of their object. Memory is bounded however long a file is, and a temporary file is made only for
 * who writes at random. The AWS SDK (`@aws-sdk/client-s3`, `@aws-sdk/lib-storage`) is an optional dependency that
 * is loaded when the backend starts.
 *
 * @example
 * new S3Backend({ bucket: 'uploads', prefix: { sessionAttribute: 'tenant' } })
 */
export class S3Backend implements SftpBackend {
  /** Directories of a listing are all alike: none is asked for its attributes. */
  readonly listedDirectoryInfo = directoryInfo();

  readonly #settings: S3Settings;
  readonly #keys: SessionKeys;
  #started: Promise<StartedBackend> | undefined;

  /** @throws S3OptionsError naming the option that is wrong */
  constructor(options: S3BackendOptions) {
    this.#settings = s3Settings(options);
    this.#keys = new SessionKeys(this.#settings.prefix);
  }

  /**
   * Loads the SDK and sees that the bucket can be used. Nest calls it; without Nest the first use does.
   *
   * @throws S3PackagesMissingError, S3StartError
   */
  async onModuleInit(): Promise<void> {
    await this.#start();
  }

  /** Lets go of the store, once the server has stopped. */
  async onApplicationShutdown(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    await started?.then(
      (backend) => backend.stop(),
      () => undefined,
    );
  }

  /** @throws SftpError `EACCES` for a session without a usable prefix */
  admitSession(session: SftpSession): void {
    this.#keys.of(session);
  }

  async listDir(path: SftpPath, session: SftpSession): Promise<AsyncIterable<DirEntry>> {
    return listDirectory(...(await this.#place(session)), path);
  }

  async fileInfo(path: SftpPath, session: SftpSession): Promise<FileInfo> {
    return lookUp(...(await this.#place(session)), path);
  }

  async openFile(path: SftpPath, flags: OpenFlags, session: SftpSession): Promise<OpenFile> {
    return openObject(...(await this.#place(session)), path, flags);
  }

  async makeDir(path: SftpPath, attributes: AttributeChanges, session: SftpSession): Promise<void> {
    await makeDirectory(...(await this.#place(session)), path, attributes);
  }

  async delDir(path: SftpPath, session: SftpSession): Promise<void> {
    await removeDirectory(...(await this.#place(session)), path);
  }

  async delete(path: SftpPath, session: SftpSession): Promise<void> {
    await removeFile(...(await this.#place(session)), path);
  }

  async rename(
    from: SftpPath,
    to: SftpPath,
    options: OverwriteOption,
    session: SftpSession,
  ): Promise<void> {
    await renamePath(...(await this.#place(session)), from, to, options);
  }

  /** @throws SftpError `ENOTSUP` for an owner or a group */
  async setAttributes(
    path: SftpPath,
    { size, ...others }: AttributeChanges,
    session: SftpSession,
  ): Promise<void> {
    const place = await this.#place(session);
    if (size !== undefined) await resizeObject(...place, path, size);
    await setAttributes(...place, path, others);
  }

  async copy(
    from: SftpPath,
    to: SftpPath,
    options: CopyOptions,
    session: SftpSession,
  ): Promise<void> {
    await copyFile(...(await this.#place(session)), from, to, options);
  }

  statVfs(): VfsInfo {
    return VFS_INFO;
  }

  async #place(session: SftpSession): Promise<[S3Context, KeySpace]> {
    const keys = this.#keys.of(session);
    const { context, abandonedUploads } = await this.#start();
    abandonedUploads.noticePrefix(keys.prefix);
    return [context, keys];
  }

  #start(): Promise<StartedBackend> {
    this.#started ??= startBackend(this.#settings).catch((error: unknown) => {
      // The next one tries again: the store may be there by then.
      this.#started = undefined;
      throw error;
    });
    return this.#started;
  }
}
