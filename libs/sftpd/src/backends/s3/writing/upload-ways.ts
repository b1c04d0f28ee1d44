import { isReadable, type OpenFlags } from '../../../filesystem/open-file.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import type { StoredObject } from '../store/stored-object.js';
import { GatheredContent } from './gathered-content.js';
import { StreamedContent } from './streamed-content.js';
import type { UploadContent, UploadTarget } from './upload-content.js';

/** The ways in which the content of one upload may go, by how it was opened and what its backend allows. */
export class UploadWays {
  readonly target: UploadTarget;
  readonly #flags: OpenFlags;

  constructor(target: UploadTarget, flags: OpenFlags) {
    this.target = target;
    this.#flags = flags;
  }

  /** A content that begins with nothing. */
  fresh(): UploadContent {
    return this.#gathers ? new GatheredContent(this.target) : StreamedContent.empty(this.target);
  }

  /**
   * A content that goes on at the end of an object.
   *
   * @throws what the object is read with
   */
  async resumed(existing: StoredObject): Promise<UploadContent> {
    return this.#gathers
      ? new GatheredContent(this.target, existing)
      : StreamedContent.resume(this.target, existing);
  }

  /**
   * A content that changes an object anywhere.
   *
   * @throws SftpError `ENOTSUP` where no temporary files are allowed
   */
  changed(existing: StoredObject): UploadContent {
    if (this.#refuses) {
      throw new SftpError(
        'ENOTSUP',
        'This server can only replace files, or write on at their end, but not change them',
      );
    }
    return new GatheredContent(this.target, existing);
  }

  get #refuses(): boolean {
    return this.target.context.settings.randomWrites === 'refuse';
  }

  get #gathers(): boolean {
    if (this.target.context.settings.randomWrites === 'spool') return true;
    return isReadable(this.#flags) && !this.#refuses;
  }
}
