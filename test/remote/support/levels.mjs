// Backends of one level of the contract, for `backend-process.mjs`: the names of a storage, and one way to its files.
import { parentPath, SftpError } from 'nestjs-sftpd';

/** Files are read and written whole, and in no other way. */
export function wholeFileOnly(storage) {
  return {
    ...namesOf(storage),
    readFile: (path, session) => readPart(storage, path, 0, Infinity, session),
    writeFile: (path, content, options, session) =>
      writeAll(storage, path, [content], options, session),
  };
}

/** Files are read by ranges, and written from their beginning to their end. */
export function streamingOnly(storage) {
  return {
    ...namesOf(storage),
    readFileRange: (path, offset, length, session) =>
      readPart(storage, path, offset, length, session),
    async beginWrite(path, options, session) {
      await assertCanBegin(storage, path, options, session);
      const chunks = [];
      return {
        write: (_offset, chunk) => void chunks.push(Buffer.from(chunk)),
        finish: () => writeAll(storage, path, chunks, options, session),
        abort: () => void chunks.splice(0),
      };
    },
  };
}

function namesOf(storage) {
  const names = ['listDir', 'fileInfo', 'makeDir', 'delDir', 'delete', 'rename'];
  return Object.fromEntries(names.map((name) => [name, storage[name].bind(storage)]));
}

const READ = { read: true, write: false };
const WRITE = { read: false, write: true, create: true, truncate: true };

async function readPart(storage, path, offset, length, session) {
  const file = await storage.openFile(path, READ, session);
  const { size } = await file.stat();
  const target = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
  await file.read(target, offset);
  await file.close();
  return target;
}

async function writeAll(storage, path, chunks, options, session) {
  const file = await storage.openFile(path, { ...WRITE, ...options }, session);
  let offset = 0;
  for (const chunk of chunks) {
    await file.write(chunk, offset);
    offset += chunk.length;
  }
  await file.close();
}

async function assertCanBegin(storage, path, { exclusive }, session) {
  const found = await typeOf(storage, path, session);
  if (found === undefined) {
    if ((await storage.fileInfo(parentPath(path), session)).type === 'directory') return;
    throw new SftpError('ENOTDIR');
  }
  if (exclusive) throw new SftpError('EEXIST');
  if (found === 'directory') throw new SftpError('EISDIR');
}

async function typeOf(storage, path, session) {
  try {
    return (await storage.fileInfo(path, session)).type;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
