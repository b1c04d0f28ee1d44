import { SftpError } from '../../../filesystem/sftp-error.js';
import { isPreconditionFailed } from '../store/s3-errors.js';
import type { WriteCondition } from '../store/stored-object.js';
import type { ConditionalWrites } from './conditional-writes.js';

/** What a {@link Commit} is about. */
export interface CommitOptions {
  readonly key: string;
  /** Whether nothing may be there. */
  readonly exclusive: boolean;
  /** Throws when the name cannot be given to a file any more. */
  readonly assertNameFree: () => Promise<void>;
}

/**
 * The moment in which an upload appears under its name.
 *
 * Some stores keep the condition for PutObject and ignore it for CompleteMultipartUpload (Ceph 16 does), or know none
 * at all. There the look just before is all there is: uploads of one process take turns for that, but of two
 * processes that create one file at the very same moment both may succeed.
 */
export class Commit {
  readonly exclusive: boolean;
  /** ETag of the object that was made, where the store has told it. */
  etag = '';
  readonly #key: string;
  readonly #assertNameFree: () => Promise<void>;
  readonly #conditional: ConditionalWrites;

  constructor({ key, exclusive, assertNameFree }: CommitOptions, conditional: ConditionalWrites) {
    this.exclusive = exclusive;
    this.#key = key;
    this.#assertNameFree = assertNameFree;
    this.#conditional = conditional;
  }

  /**
   * Looks at the name once more and makes the object, under a condition where the name has to be free and the store
   * knows conditions.
   *
   * @param make the one request that makes the object; made again when the store knows no conditions
   * @throws SftpError `EEXIST`, `EISDIR`, and what `make` throws
   */
  async run<T>(make: (condition: WriteCondition) => Promise<T>): Promise<T> {
    if (this.exclusive) {
      return this.#conditional.turns.take(this.#key, () => this.#runExclusive(make));
    }
    await this.#assertNameFree();
    return make({});
  }

  async #runExclusive<T>(make: (condition: WriteCondition) => Promise<T>): Promise<T> {
    await this.#assertNameFree();
    if (!this.#conditional.supported) return make({});
    try {
      return await make({ ifNoneMatch: '*' });
    } catch (error) {
      if (isPreconditionFailed(error)) throw new SftpError('EEXIST', undefined, { cause: error });
      if (!this.#conditional.refusedBy(error)) throw error;
      return make({});
    }
  }
}
