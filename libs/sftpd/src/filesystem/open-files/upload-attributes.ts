import type { NewFileOptions } from '../backend.js';
import type { AttributeChanges, FileInfo } from '../file-info.js';
import type { OpenFlags } from '../open-file.js';
import { SftpError, toSftpError } from '../sftp-error.js';
import type { BackendFile } from './backend-file.js';

/** Attributes but the size, which is the content's business. */
export type Metadata = Omit<AttributeChanges, 'size'>;

/**
 * The attributes of a file that is being uploaded: what the client sets is remembered, and set at the backend when
 * the content is stored. Until then there is nothing that could have them.
 */
export class UploadAttributes {
  readonly #file: BackendFile;
  readonly #existing: FileInfo | undefined;
  readonly #exclusive: boolean;
  #mode: number | undefined;
  #modifiedAt: Date | undefined;
  #changes: Metadata = {};

  /** @param existing what is there under the name and will be replaced; `undefined` for a new file */
  constructor(file: BackendFile, flags: OpenFlags, existing: FileInfo | undefined) {
    this.#file = file;
    this.#existing = existing;
    this.#exclusive = flags.create && flags.exclusive;
    // A replacement keeps the permissions that the file has, as if it had been written into.
    this.#mode = existing === undefined ? flags.mode : existing.mode;
    this.#modifiedAt = existing === undefined ? new Date() : existing.modifiedAt;
  }

  /** How the backend is to make the file. */
  get newFile(): NewFileOptions {
    return {
      exclusive: this.#exclusive,
      ...(this.#mode !== undefined && { mode: this.#mode }),
    };
  }

  /** The content has changed just now. */
  touch(): void {
    this.#modifiedAt = new Date();
  }

  /**
   * Remembers attributes for {@link apply}. Times that are set stay as set, whatever is written afterwards.
   *
   * @param made whether {@link newFile} has been used already
   * @throws SftpError `ENOTSUP` when the backend has no way to set them; none is remembered then
   */
  set(changes: Metadata, made: boolean): void {
    if (this.#file.backend.setAttributes === undefined) {
      const { mode, ...others } = changes;
      const modeIsKept =
        mode === undefined || mode === this.#mode || (!made && this.#existing === undefined);
      if (!modeIsKept || Object.keys(others).length > 0) {
        throw new SftpError('ENOTSUP', 'This storage cannot set such attributes');
      }
    }
    if (this.#existing === undefined && !made) this.#mode = changes.mode ?? this.#mode;
    this.#changes = { ...this.#changes, ...changes };
  }

  /** The attributes as they will be. */
  info(size: number): FileInfo {
    const { owner, group, ...known } = this.#existing ?? { type: 'regular' as const };
    const ownerIsKept = this.#changes.uid === undefined && this.#changes.gid === undefined;
    return {
      ...known,
      ...(ownerIsKept && owner !== undefined && { owner }),
      ...(ownerIsKept && group !== undefined && { group }),
      ...(this.#mode !== undefined && { mode: this.#mode }),
      ...(this.#modifiedAt !== undefined && { modifiedAt: this.#modifiedAt }),
      ...this.#changes,
      size,
    };
  }

  /**
   * Sets what was remembered, now that the content is stored. The client was told that it is set, so it has to
   * learn of a failure, although its content is safe.
   *
   * @throws SftpError with the backend's code
   */
  async apply(): Promise<void> {
    const { backend, path, session } = this.#file;
    if (Object.keys(this.#changes).length === 0) return;
    try {
      await backend.setAttributes?.(path, this.#changes, session);
    } catch (error) {
      const { code } = toSftpError(error);
      throw new SftpError(code, 'The file is stored, but its attributes could not be set', {
        cause: error,
      });
    }
  }
}
