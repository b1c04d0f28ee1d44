import { SftpError } from '../../../filesystem/sftp-error.js';
import { isPreconditionFailed } from '../store/s3-errors.js';
import type { WriteCondition } from '../store/stored-object.js';
import type { ConditionalWrites } from './conditional-writes.js';

/** The moment in which an upload appears under its name. */
export class Commit {
  readonly exclusive: boolean;
  readonly #assertNameFree: () => Promise<void>;
  readonly #conditional: ConditionalWrites;

  /**
   * @param exclusive whether nothing may be there
   * @param assertNameFree throws when the name cannot be given to a file any more
   */
  constructor(
    exclusive: boolean,
    assertNameFree: () => Promise<void>,
    conditional: ConditionalWrites,
  ) {
    this.exclusive = exclusive;
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
    await this.#assertNameFree();
    if (!this.exclusive || !this.#conditional.supported) return make({});
    try {
      return await make({ ifNoneMatch: '*' });
    } catch (error) {
      if (isPreconditionFailed(error)) throw new SftpError('EEXIST', undefined, { cause: error });
      if (!this.#conditional.refusedBy(error)) throw error;
      return make({});
    }
  }
}
