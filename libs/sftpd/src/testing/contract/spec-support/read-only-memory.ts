import { MemoryBackend } from '../../../backends/memory/index.js';
import type { SftpBackend } from '../../../filesystem/backend.js';
import type { OpenFlags } from '../../../filesystem/open-file.js';
import {
  rangesOf,
  treeOf,
  wholeReadsOf,
} from '../../../filesystem/open-files/spec-support/levels.js';
import { normalizePath } from '../../../filesystem/path.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import { SAMPLE_FILES } from '../read-only-files.js';
import { makeParents } from './memory-helpers.js';

const MAKE: OpenFlags = {
  read: false,
  write: true,
  append: false,
  create: true,
  truncate: false,
  exclusive: true,
};

/** The sample files, to be read by range or whole, and not to be changed. */
export function readOnlyMemory(): SftpBackend {
  const memory = new MemoryBackend();
  for (const [name, content] of Object.entries(SAMPLE_FILES)) {
    const path = normalizePath(name);
    makeParents(memory, path);
    const file = memory.openFile(path, MAKE);
    file.write(Buffer.from(content), 0);
    file.close();
  }
  return {
    ...treeOf(memory),
    ...rangesOf(memory),
    ...wholeReadsOf(memory),
    makeDir: refuse,
    delDir: refuse,
    delete: refuse,
    rename: refuse,
  };
}

function refuse(): never {
  throw new SftpError('EROFS');
}
