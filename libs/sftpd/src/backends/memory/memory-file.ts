import type { AttributeChanges, FileInfo } from '../../filesystem/file-info.js';
import { isReadable, type OpenFile, type OpenFlags } from '../../filesystem/open-file.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { applyChanges } from './apply-changes.js';
import type { Ownership } from './memory-options.js';
import type { MemoryTree } from './memory-tree.js';
import { type FileNode, infoOf, touch } from './node.js';

/** A handle on a file in memory. Everything it does is done when the call returns. */
export class MemoryFile implements OpenFile {
  readonly #tree: MemoryTree;
  readonly #node: FileNode;
  readonly #ownership: Ownership;
  readonly #readable: boolean;
  readonly #writable: boolean;
  readonly #append: boolean;
  #open = true;

  constructor(tree: MemoryTree, node: FileNode, flags: OpenFlags, ownership: Ownership) {
    this.#tree = tree;
    this.#node = node;
    this.#ownership = ownership;
    this.#readable = isReadable(flags);
    this.#writable = flags.write;
    this.#append = flags.append;
    tree.hold(node);
  }

  /** @throws SftpError `EBADF` when not opened for reading, `EINVAL` for an offset that is none */
  read(target: Uint8Array, offset: number): number {
    if (!this.#open || !this.#readable) throw new SftpError('EBADF');
    checkOffset(offset);
    return this.#node.content.read(target, offset);
  }

  /** @throws SftpError `EBADF` when not opened for writing, `EINVAL`, `EFBIG`, `ENOSPC` */
  write(data: Uint8Array, offset: number): void {
    if (!this.#open || !this.#writable) throw new SftpError('EBADF');
    checkOffset(offset);
    if (data.length === 0) return;
    const { content } = this.#node;
    content.write(data, this.#append ? content.size : offset);
    touch(this.#node);
  }

  stat(): FileInfo {
    this.#assertOpen();
    return infoOf(this.#node, this.#ownership);
  }

  /** @throws SftpError `EINVAL` for a size when not opened for writing (`ftruncate`), `EFBIG` */
  setAttributes(changes: AttributeChanges): void {
    this.#assertOpen();
    if (changes.size !== undefined && !this.#writable) throw new SftpError('EINVAL');
    applyChanges(this.#node, changes);
  }

  /** Memory has no medium to be safe on: what was written is where it stays. */
  sync(): void {
    this.#assertOpen();
  }

  close(): void {
    this.#end();
  }

  /** What was written stays: the file is its own final place. */
  abort(): void {
    this.#end();
  }

  #assertOpen(): void {
    if (!this.#open) throw new SftpError('EBADF');
  }

  #end(): void {
    // A second end must not take away another handle's hold on the file.
    if (!this.#open) return;
    this.#open = false;
    if (this.#writable) this.#node.content.trim();
    this.#tree.letGo(this.#node);
  }
}

function checkOffset(offset: number): void {
  if (!Number.isInteger(offset) || offset < 0) throw new SftpError('EINVAL');
}
