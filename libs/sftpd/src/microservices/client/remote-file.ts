import type { AttributeChanges, FileInfo } from '../../filesystem/file-info.js';
import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import type { SftpPath } from '../../filesystem/path.js';
import type { SftpSession } from '../../filesystem/session.js';
import { MalformedMessageError, type MessageReader } from '../wire/message-reader.js';
import {
  decodeInfo,
  encodeBytes,
  encodeChanges,
  encodeFlags,
  type WireValue,
} from '../wire/values.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { nothing, type RemoteLink } from './remote-link.js';

/** What the other side says of a file that it has opened. */
interface Opened {
  readonly handle: string;
  readonly leaseTime: number;
  readonly maxChunkBytes: number;
  readonly canSetAttributes: boolean;
  readonly canSync: boolean;
  readonly staged: boolean;
}

/** Opens a file of the other side. @throws SftpError */
export async function openRemoteFile(
  link: RemoteLink,
  leases: LeaseKeeper,
  path: SftpPath,
  flags: OpenFlags,
  session: SftpSession,
): Promise<OpenFile> {
  const body = { path, flags: encodeFlags(flags) };
  const opened = await link.call('openFile', session, body, decodeOpened);
  leases.hold(opened.handle, opened.leaseTime);
  return new RemoteFile(link, leases, opened, session);
}

function decodeOpened(value: MessageReader): Opened {
  return {
    handle: value.text('handle'),
    leaseTime: Math.max(value.integer('leaseTime'), 1),
    maxChunkBytes: Math.max(value.integer('maxChunkBytes'), 1),
    canSetAttributes: value.flag('canSetAttributes'),
    canSync: value.flag('canSync'),
    staged: value.flag('staged'),
  };
}

/** An open file of the other side. It is there as long as the other side's process, and not one restart longer. */
class RemoteFile implements OpenFile {
  readonly staged: boolean;
  /** Present exactly when the remote file has it. */
  declare readonly setAttributes?: NonNullable<OpenFile['setAttributes']>;
  /** Present exactly when the remote file has it. */
  declare readonly sync?: NonNullable<OpenFile['sync']>;

  readonly #link: RemoteLink;
  readonly #leases: LeaseKeeper;
  readonly #handle: string;
  readonly #chunkBytes: number;
  readonly #session: SftpSession;

  constructor(link: RemoteLink, leases: LeaseKeeper, opened: Opened, session: SftpSession) {
    this.staged = opened.staged;
    this.#link = link;
    this.#leases = leases;
    this.#handle = opened.handle;
    this.#chunkBytes = Math.min(link.maxChunkBytes, opened.maxChunkBytes);
    this.#session = session;
    const setAttributes = (changes: AttributeChanges): Promise<void> =>
      this.#call('setFileAttributes', { changes: encodeChanges(changes) }, nothing);
    const sync = (): Promise<void> => this.#call('sync', {}, nothing);
    Object.assign(this, opened.canSetAttributes && { setAttributes }, opened.canSync && { sync });
  }

  async read(target: Uint8Array, offset: number): Promise<number> {
    let count = 0;
    while (count < target.length) {
      const length = Math.min(this.#chunkBytes, target.length - count);
      const data = await this.#readChunk(offset + count, length);
      target.set(data, count);
      count += data.length;
      if (data.length < length) break;
    }
    return count;
  }

  async write(data: Uint8Array, offset: number): Promise<void> {
    for (let from = 0; from < data.length; from += this.#chunkBytes) {
      const chunk = data.subarray(from, from + this.#chunkBytes);
      await this.#call('write', { offset: offset + from, data: encodeBytes(chunk) }, nothing);
    }
  }

  stat(): Promise<FileInfo> {
    return this.#call('stat', {}, (value) => decodeInfo(value.record('info')));
  }

  /** @throws SftpError `EIO` also when the answer was lost: nobody here can know then whether the file is stored */
  close(): Promise<void> {
    return this.#end('close');
  }

  abort(): Promise<void> {
    return this.#end('abort');
  }

  async #end(how: 'close' | 'abort'): Promise<void> {
    try {
      await this.#call(how, {}, nothing);
    } finally {
      this.#leases.release(this.#handle);
    }
  }

  #readChunk(offset: number, length: number): Promise<Buffer> {
    return this.#call('read', { offset, length }, (value) => {
      const data = value.bytes('data');
      if (data.length > length) throw new MalformedMessageError('data is longer than asked for');
      return data;
    });
  }

  #call<T>(
    operation: Parameters<RemoteLink['call']>[0],
    body: WireValue,
    read: (value: MessageReader) => T,
  ): Promise<T> {
    return this.#link.call(operation, this.#session, { handle: this.#handle, ...body }, read);
  }
}
