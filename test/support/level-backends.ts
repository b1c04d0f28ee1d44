import type {
  FileWriter,
  NewFileOptions,
  OpenFlags,
  RandomAccessBackend,
  SftpBackend,
  SftpPath,
  SftpSession,
} from 'nestjs-sftpd';

/** A backend that reaches a file's content in one way only. */
export type Level = 'streaming-only' | 'whole-file-only';

/** The names of the levels. */
export const LEVELS: readonly Level[] = ['streaming-only', 'whole-file-only'];

/** Called with the number of bytes that the backend has been given, and with what ended an upload. */
export type OnUpload = (what: number | 'finished' | 'aborted') => void;

/**
 * A backend of exactly one level over a storage with random access: names, attributes, and either ranges and
 * writers, or whole files. It takes nothing but what the contract promises it.
 *
 * @param onUpload is told how an upload goes on
 */
export function levelBackend(
  level: Level,
  storage: RandomAccessBackend,
  onUpload: OnUpload = () => undefined,
): SftpBackend {
  const content = { 'streaming-only': streaming, 'whole-file-only': whole }[level];
  return {
    ...content(storage, onUpload),
    listDir: (path, session) => storage.listDir(path, session),
    fileInfo: (path, session) => storage.fileInfo(path, session),
    makeDir: (path, attributes, session) => storage.makeDir(path, attributes, session),
    delDir: (path, session) => storage.delDir(path, session),
    delete: (path, session) => storage.delete(path, session),
    rename: (from, to, options, session) => storage.rename(from, to, options, session),
    setAttributes: (path, changes, session) => storage.setAttributes?.(path, changes, session),
  };
}

/** The same storage for clients that cannot set attributes. */
export function withoutAttributes(backend: SftpBackend): SftpBackend {
  const { setAttributes: _left, ...others } = backend;
  return others;
}

type Content = Pick<SftpBackend, 'readFileRange' | 'beginWrite' | 'readFile' | 'writeFile'>;

function streaming(storage: RandomAccessBackend, onUpload: OnUpload): Content {
  return {
    readFileRange: (path, offset, length, session) =>
      readRange(storage, path, offset, length, session),
    beginWrite: (path, options, session) =>
      gatheringWriter((content) => store(storage, path, content, options, session), onUpload),
  };
}

function whole(storage: RandomAccessBackend, onUpload: OnUpload): Content {
  return {
    readFile: async (path, session) => {
      const { size } = await storage.fileInfo(path, session);
      return readRange(storage, path, 0, size, session);
    },
    writeFile: async (path, content, options, session) => {
      onUpload(content.length);
      await store(storage, path, content, options, session);
      onUpload('finished');
    },
  };
}

function gatheringWriter(
  finish: (content: Uint8Array) => Promise<void>,
  onUpload: OnUpload,
): FileWriter {
  const chunks: Buffer[] = [];
  let written = 0;
  return {
    write(offset, chunk) {
      if (offset !== written) throw new Error(`A write at ${offset} came after ${written} bytes`);
      chunks.push(Buffer.from(chunk));
      written += chunk.length;
      onUpload(written);
    },
    async finish() {
      await finish(Buffer.concat(chunks));
      onUpload('finished');
    },
    abort() {
      onUpload('aborted');
    },
  };
}

const READ: OpenFlags = {
  read: true,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};

async function readRange(
  storage: RandomAccessBackend,
  path: SftpPath,
  offset: number,
  length: number,
  session: SftpSession,
): Promise<Uint8Array> {
  const file = await storage.openFile(path, READ, session);
  const target = Buffer.alloc(length);
  const count = await file.read(target, offset);
  await file.close();
  return target.subarray(0, count);
}

async function store(
  storage: RandomAccessBackend,
  path: SftpPath,
  content: Uint8Array,
  options: NewFileOptions,
  session: SftpSession,
): Promise<void> {
  const flags = { ...READ, ...options, read: false, write: true, create: true, truncate: true };
  const file = await storage.openFile(path, flags, session);
  await file.write(content, 0);
  await file.close();
}
