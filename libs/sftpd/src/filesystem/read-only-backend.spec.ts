import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { CAPABILITIES, describeBackendContract, SAMPLE_FILES } from '../testing/index.js';

import type { DirEntry, FileInfo } from './file-info.js';
import { directoryInfo, regularFileInfo } from './make-file-info.js';
import type { OpenFile, OpenFlags } from './open-file.js';
import { normalizePath, type SftpPath } from './path.js';
import { ReadOnlyBackend } from './read-only-backend.js';
import type { SftpSession } from './session.js';
import { SftpError } from './sftp-error.js';

/** Files by path, none of which can be changed; how they are read is for others to say. */
abstract class Shelf extends ReadOnlyBackend {
  readonly #files = new Map(
    Object.entries(SAMPLE_FILES).map(([path, content]) => [path, Buffer.from(content)]),
  );

  override listDir(path: SftpPath): DirEntry[] {
    if (this.fileInfo(path).type !== 'directory') throw new SftpError('ENOTDIR');
    const start = path === '/' ? '/' : `${path}/`;
    const below = [...this.#files.keys()].filter((file) => file.startsWith(start));
    const names = new Set(below.map((file) => file.slice(start.length).replace(/\/.*/, '')));
    return [...names].map((name) => ({ name, info: this.fileInfo(`${start}${name}`) }));
  }

  override fileInfo(path: string): FileInfo {
    const file = this.#files.get(path);
    if (file !== undefined) return regularFileInfo(file.length, { mode: 0o444 });
    const files = [...this.#files.keys()];
    if (files.some((known) => path.startsWith(`${known}/`))) throw new SftpError('ENOTDIR');
    if (path !== '/' && !files.some((known) => known.startsWith(`${path}/`))) {
      throw new SftpError('ENOENT');
    }
    return directoryInfo({ mode: 0o555 });
  }

  protected content(path: string): Buffer {
    if (this.fileInfo(path).type === 'directory') throw new SftpError('EISDIR');
    return Buffer.from(this.#files.get(path) ?? '');
  }
}

class ShelfOfWholeFiles extends Shelf {
  override readFile(path: SftpPath): Buffer {
    return this.content(path);
  }
}

class ShelfOfRanges extends Shelf {
  override readFileRange(path: SftpPath, offset: number, length: number): Buffer {
    return this.content(path).subarray(offset, offset + length);
  }
}

class ShelfOfOpenFiles extends Shelf {
  override openFile(path: SftpPath, flags: OpenFlags): OpenFile {
    if (flags.write) throw new SftpError('EROFS');
    const content = this.content(path);
    return {
      read: (target, offset) => {
        const part = content.subarray(offset, offset + target.length);
        target.set(part);
        return part.length;
      },
      stat: () => this.fileInfo(path),
      write: () => {
        throw new SftpError('EBADF');
      },
      close: () => undefined,
      abort: () => undefined,
    };
  }
}

describe('ReadOnlyBackend', () => {
  const session = {} as SftpSession;
  const path = normalizePath('/f');
  const shelf = new ShelfOfWholeFiles();

  it.each<[string, () => unknown]>([
    ['makeDir', () => shelf.makeDir(path, {}, session)],
    ['delDir', () => shelf.delDir(path, session)],
    ['delete', () => shelf.delete(path, session)],
    ['rename', () => shelf.rename(path, path, { overwrite: true }, session)],
  ])('%s is EROFS', (_method, change) => {
    expect(change).toThrow(new SftpError('EROFS'));
    expect(change).toThrow(SftpError);
  });

  it('has no other method of the contract, so that nothing is offered that is not there', () => {
    for (const method of ['openFile', 'readFile', 'readFileRange', 'beginWrite', 'symlink']) {
      expect(method in ReadOnlyBackend.prototype).toBe(false);
    }
    expect('openFile' in shelf).toBe(false);
  });
});

const runner = { describe, it, beforeEach, afterEach };
const readOnly = { files: SAMPLE_FILES };

describeBackendContract(
  {
    name: 'a read-only backend of open files',
    create: () => ({ backend: new ShelfOfOpenFiles() }),
    without: CAPABILITIES,
    readOnly,
  },
  runner,
);

describeBackendContract(
  {
    name: 'a read-only backend of ranges',
    create: () => ({ backend: new ShelfOfRanges() }),
    content: ['readFileRange'],
    without: CAPABILITIES,
    readOnly,
  },
  runner,
);

describeBackendContract(
  {
    name: 'a read-only backend of whole files',
    create: () => ({ backend: new ShelfOfWholeFiles() }),
    content: ['readFile'],
    without: CAPABILITIES,
    readOnly,
  },
  runner,
);
