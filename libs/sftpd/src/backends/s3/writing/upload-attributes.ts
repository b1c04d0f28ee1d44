import { isDeepStrictEqual } from 'node:util';

import type { AttributeChanges, FileInfo } from '../../../filesystem/file-info.js';
import type { OpenFlags } from '../../../filesystem/open-file.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import {
  attributesOf,
  changedAttributes,
  fileInfoOf,
  type KeptAttributes,
  type ObjectMetadata,
  withAttributes,
} from '../object-attributes.js';
import type { ContentHeaders, NewObject, StoredObject } from '../store/stored-object.js';

/**
 * The attributes of a file that is being uploaded. They go to the store with the request that makes the object, or
 * that begins its multipart upload; what is told after that is {@link overdue} then.
 */
export class UploadAttributes {
  readonly #existing: StoredObject | undefined;
  readonly #hint: KeptAttributes;
  #told: KeptAttributes = {};
  /** Whether nothing of an existing file's content is to stay. */
  #replaced: boolean;
  #headers: ContentHeaders | undefined;
  #changedAt: Date | undefined;
  #sent: ObjectMetadata | undefined;

  /** @param existing what is there under the name; `undefined` for a new file */
  constructor(flags: OpenFlags, existing: StoredObject | undefined) {
    this.#existing = existing;
    this.#hint = flags.times ?? {};
    this.#replaced = existing === undefined || flags.truncate;
    // A file that is there keeps its permissions.
    if (existing === undefined && flags.mode !== undefined) this.#told = { mode: flags.mode };
    if (this.#replaced) this.touch();
  }

  /** The content has changed. */
  touch(): void {
    this.#changedAt = new Date();
  }

  /** Nothing stays of the content of an existing file. */
  replace(): void {
    this.#replaced = true;
    this.touch();
  }

  /** The content is that of another object: what it is said to be goes over with it. */
  describeAs({ headers }: StoredObject): void {
    this.#headers = headers;
    this.touch();
  }

  /** @throws SftpError `ENOTSUP` for an owner or a group, which objects have not; nothing is remembered then */
  set({ uid, gid, ...changes }: Omit<AttributeChanges, 'size'>): void {
    if (uid !== undefined || gid !== undefined) {
      throw new SftpError('ENOTSUP', 'This storage keeps no owners and groups');
    }
    this.#told = changedAttributes(this.#told, changes);
  }

  /** What STAT tells of the upload. */
  info(size: number): FileInfo {
    const existing = this.#existing;
    if (this.#changedAt === undefined && existing !== undefined) {
      const kept = { ...attributesOf(existing.metadata), ...this.#told };
      return fileInfoOf(size, existing.lastModified, kept);
    }
    const kept = attributesOf(this.#metadata);
    return fileInfoOf(size, this.#changedAt ?? new Date(), kept);
  }

  /** What the object is made with; remembered as what the store has been told. */
  send(): NewObject {
    const target = this.#newObject;
    this.#sent = target.metadata;
    return target;
  }

  /** What the store keeps of them, as far as it has been told. */
  get sent(): KeptAttributes {
    return attributesOf(this.#sent ?? {});
  }

  /** What the object ought to have and was not made with; `undefined` when it has everything. */
  get overdue(): NewObject | undefined {
    const target = this.#newObject;
    const isSent = this.#sent === undefined || isDeepStrictEqual(this.#sent, target.metadata);
    return isSent ? undefined : target;
  }

  /**
   * What an existing object whose content has not been changed is to be given; `undefined` when it is nothing. The
   * time of its last change stays, although it is made anew for that.
   */
  get changesOnly(): NewObject | undefined {
    const existing = this.#existing;
    if (existing === undefined || Object.keys(this.#told).length === 0) return undefined;
    const { modifiedAt = existing.lastModified } = attributesOf(existing.metadata);
    return {
      metadata: withAttributes(existing.metadata, { modifiedAt, ...this.#told }),
      headers: existing.headers,
    };
  }

  get #newObject(): NewObject {
    const headers = this.#headers ?? this.#keptHeaders;
    return { metadata: this.#metadata, ...(headers && { headers }) };
  }

  get #metadata(): ObjectMetadata {
    return withAttributes(this.#keptMetadata, { ...this.#hint, ...this.#told });
  }

  /** Without the time of the last change, which is another one now. */
  get #keptMetadata(): ObjectMetadata {
    const existing = this.#existing?.metadata ?? {};
    if (!this.#replaced) {
      const { mtime: _outdated, ...others } = existing;
      return others;
    }
    const { mode } = attributesOf(existing);
    return withAttributes({}, { ...(mode !== undefined && { mode }) });
  }

  get #keptHeaders(): ContentHeaders | undefined {
    const headers = this.#existing?.headers;
    if (headers === undefined || !this.#replaced) return headers;
    const { ContentType } = headers;
    return ContentType === undefined ? undefined : { ContentType };
  }
}
