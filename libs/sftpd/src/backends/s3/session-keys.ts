import type { SftpSession } from '../../filesystem/session.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { checkedPrefix, KeySpace } from './key-space.js';
import type { SessionPrefix } from './s3-options.js';

/** Gives each session the keys it may reach. */
export class SessionKeys {
  readonly #prefix: string | SessionPrefix;
  readonly #all: KeySpace | undefined;

  /** @param prefix a checked one for everybody, or where each session has its own */
  constructor(prefix: string | SessionPrefix) {
    this.#prefix = prefix;
    this.#all = typeof prefix === 'string' ? new KeySpace(prefix) : undefined;
  }

  /**
   * The keys of a session.
   *
   * @throws SftpError `EACCES` when the session has no usable prefix: it never falls back to more
   */
  of(session: SftpSession): KeySpace {
    if (this.#all !== undefined) return this.#all;
    const { sessionAttribute } = this.#prefix as SessionPrefix;
    const { attributes } = session;
    const given = Object.hasOwn(attributes, sessionAttribute)
      ? attributes[sessionAttribute]
      : undefined;
    const prefix = checkedPrefix(given);
    if (prefix !== undefined) return new KeySpace(prefix);
    const problem = new Error(
      `The session attribute "${sessionAttribute}" of the user ${JSON.stringify(session.username)} is no prefix: ` +
        "it must be text like 'tenant-a/' (no leading '/', no empty, '.' or '..' segment, no control characters)",
    );
    throw new SftpError('EACCES', undefined, { cause: problem });
  }
}
