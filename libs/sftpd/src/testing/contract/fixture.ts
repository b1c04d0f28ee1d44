import assert from 'node:assert/strict';
import type { NewFileOptions, SftpBackend } from '../../filesystem/backend.js';
import type { AttributeChanges, DirEntry, FileInfo } from '../../filesystem/file-info.js';
import type { FileWriter } from '../../filesystem/file-writer.js';
import { OpenFileStrategies } from '../../filesystem/open-files/open-file-strategies.js';
import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import { normalizePath, type SftpPath } from '../../filesystem/path.js';
import type { SftpSession } from '../../filesystem/session.js';
import { type PosixErrorCode, toSftpError } from '../../filesystem/sftp-error.js';
import { assertBytes, bytes } from './bytes.js';

const NO_FLAGS: OpenFlags = {
  read: false,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};

/** The flags with which most clients upload: write only, create, truncate. */
export const UPLOAD: Partial<OpenFlags> = { write: true, create: true, truncate: true };

/** One test's backend with short words for what the tests do again and again. */
export class ContractFixture {
  /**
   * The backend itself. It is said to have all methods, whether it has them or not: a group that needs an optional
   * one is only run on backends that have it.
   */
  readonly own: Required<SftpBackend>;
  /** The backend as a session of the server sees it: whatever its ways to content, its files open at random. */
  readonly backend: Required<SftpBackend>;
  readonly #open = new Set<OpenFile | FileWriter>();

  constructor(
    backend: SftpBackend,
    readonly session: SftpSession,
    strategies = new OpenFileStrategies(),
  ) {
    this.own = backend as Required<SftpBackend>;
    this.backend = strategies.randomAccess(backend) as Required<SftpBackend>;
  }

  /** Opens a file; flags that are not named are off. */
  async open(path: string, flags: Partial<OpenFlags>): Promise<OpenFile> {
    const all = { ...NO_FLAGS, ...flags };
    const file = await this.backend.openFile(at(path), all, this.session);
    this.#open.add(file);
    return file;
  }

  async close(file: OpenFile): Promise<void> {
    this.#open.delete(file);
    await file.close();
  }

  async abort(file: OpenFile | FileWriter): Promise<void> {
    this.#open.delete(file);
    await file.abort();
  }

  /** Starts to write a file by the backend's own `beginWrite`. */
  async beginWrite(path: string, options: Partial<NewFileOptions> = {}): Promise<FileWriter> {
    const all = { exclusive: false, ...options };
    const writer = await this.own.beginWrite(at(path), all, this.session);
    this.#open.add(writer);
    return writer;
  }

  async finish(writer: FileWriter): Promise<void> {
    this.#open.delete(writer);
    await writer.finish();
  }

  /** The backend's own `readFileRange`. */
  async readFileRange(path: string, offset: number, length: number): Promise<Uint8Array> {
    return this.own.readFileRange(at(path), offset, length, this.session);
  }

  /** The backend's own `readFile`. */
  async readFile(path: string): Promise<Uint8Array> {
    return this.own.readFile(at(path), this.session);
  }

  /** The backend's own `writeFile`. */
  async writeFile(
    path: string,
    content: string | Uint8Array,
    options: Partial<NewFileOptions> = {},
  ): Promise<void> {
    const all = { exclusive: false, ...options };
    const data = typeof content === 'string' ? bytes(content) : content;
    await this.own.writeFile(at(path), data, all, this.session);
  }

  /** Lets go of the files and writers that a failed test left open. */
  async end(): Promise<void> {
    for (const file of this.#open) await this.abort(file);
  }

  /** Makes or replaces a file. */
  async put(path: string, content: string | Uint8Array = ''): Promise<void> {
    const file = await this.open(path, UPLOAD);
    const data = typeof content === 'string' ? bytes(content) : content;
    if (data.length > 0) await file.write(data, 0);
    await this.close(file);
  }

  /** Reads a whole file by one read. */
  async get(path: string): Promise<Buffer> {
    const file = await this.open(path, { read: true });
    const content = await contentOf(file);
    await this.close(file);
    return content;
  }

  async makeDir(path: string, attributes: AttributeChanges = {}): Promise<void> {
    await this.backend.makeDir(at(path), attributes, this.session);
  }

  async delDir(path: string): Promise<void> {
    await this.backend.delDir(at(path), this.session);
  }

  async delete(path: string): Promise<void> {
    await this.backend.delete(at(path), this.session);
  }

  async rename(from: string, to: string, overwrite: boolean): Promise<void> {
    await this.backend.rename(at(from), at(to), { overwrite }, this.session);
  }

  async info(path: string): Promise<FileInfo> {
    return this.backend.fileInfo(at(path), this.session);
  }

  async linkInfo(path: string): Promise<FileInfo> {
    return this.backend.linkInfo(at(path), this.session);
  }

  async symlink(path: string, target: string): Promise<void> {
    await this.backend.symlink(at(path), target, this.session);
  }

  async readLink(path: string): Promise<string> {
    return this.backend.readLink(at(path), this.session);
  }

  async hardLink(existing: string, path: string): Promise<void> {
    await this.backend.hardLink(at(existing), at(path), this.session);
  }

  async copy(from: string, to: string, overwrite: boolean): Promise<void> {
    await this.backend.copy(at(from), at(to), { overwrite }, this.session);
  }

  async setAttributes(path: string, changes: AttributeChanges): Promise<void> {
    await this.backend.setAttributes(at(path), changes, this.session);
  }

  /** Sets attributes of an open file as the server does: by its handle, or else by its path. */
  async setFileAttributes(file: OpenFile, path: string, changes: AttributeChanges): Promise<void> {
    if (file.setAttributes === undefined) await this.setAttributes(path, changes);
    else await file.setAttributes(changes);
  }

  /** The entries of a directory in the order in which the backend gives them. */
  async entries(path: string): Promise<DirEntry[]> {
    const found: DirEntry[] = [];
    for await (const entry of await this.backend.listDir(at(path), this.session)) {
      found.push(entry);
    }
    return found;
  }

  /** Asserts the names in a directory, in any order. */
  async assertNames(path: string, expected: readonly string[]): Promise<void> {
    const names = (await this.entries(path)).map((entry) => entry.name);
    assert.deepEqual(names.sort(), [...expected].sort(), `names in ${path}`);
  }

  async assertContent(path: string, expected: string | Uint8Array): Promise<void> {
    const wanted = typeof expected === 'string' ? bytes(expected) : expected;
    assertBytes(await this.get(path), wanted, path);
  }

  async assertMissing(path: string): Promise<void> {
    await fails('ENOENT', () => this.info(path));
  }
}

/** The canonical path of a text. */
export function at(path: string): SftpPath {
  return normalizePath(path);
}

/** The whole content of an open file, by one read that asks for more than there is. */
export async function contentOf(file: OpenFile): Promise<Buffer> {
  const { size } = await file.stat();
  const target = Buffer.alloc(size + 1);
  const count = await file.read(target, 0);
  assert.equal(count, size, 'bytes read, against the size that stat tells');
  return target.subarray(0, count);
}

/** Asserts that an action fails, now or later, with a POSIX code. */
export async function fails(code: PosixErrorCode, action: () => unknown): Promise<void> {
  let outcome = 'nothing was thrown';
  try {
    await action();
  } catch (error) {
    outcome = toSftpError(error).code;
    if (outcome === code) return;
    if (error instanceof Error) outcome += ` (${error.message})`;
  }
  assert.fail(`expected ${code}, but ${outcome}`);
}
