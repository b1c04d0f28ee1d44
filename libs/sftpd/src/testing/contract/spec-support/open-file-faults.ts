import { MemoryBackend } from '../../../backends/memory/index.js';
import type { SftpBackend } from '../../../filesystem/backend.js';
import type { OpenFile, OpenFlags } from '../../../filesystem/open-file.js';
import type { SftpPath } from '../../../filesystem/path.js';
import { altered } from './altered.js';
import type { Fault } from './fault.js';
import { makeParents } from './memory-helpers.js';

interface Opened {
  readonly sound: MemoryBackend;
  readonly path: SftpPath;
  readonly flags: OpenFlags;
}

/** A memory backend that opens its files with other flags than it is asked for. */
function flags(
  name: string,
  wrong: (asked: OpenFlags, sound: MemoryBackend, path: SftpPath) => Partial<OpenFlags>,
  ...reportedBy: string[]
): Fault {
  const create = (): { backend: SftpBackend } => {
    const sound = new MemoryBackend();
    const openFile: SftpBackend['openFile'] = (path, asked) =>
      sound.openFile(path, { ...asked, ...wrong(asked, sound, path) });
    return { backend: altered<SftpBackend>(sound, { openFile }) };
  };
  return { name, contract: { create }, reportedBy };
}

/** A memory backend with some methods of its open files made wrong. */
function file(
  name: string,
  wrong: (soundFile: OpenFile, opened: Opened) => Partial<OpenFile>,
  ...reportedBy: string[]
): Fault {
  const create = (): { backend: SftpBackend } => {
    const sound = new MemoryBackend();
    const openFile: SftpBackend['openFile'] = (path, asked) => {
      const opened: OpenFile = sound.openFile(path, asked);
      return altered(opened, wrong(opened, { sound, path, flags: asked }));
    };
    return { backend: altered<SftpBackend>(sound, { openFile }) };
  };
  return { name, contract: { create }, reportedBy };
}

/** Faults in `openFile` and in the files that it opens. */
export const OPEN_FILE_FAULTS: readonly Fault[] = [
  flags(
    'EXCL is ignored',
    () => ({ exclusive: false }),
    'openFile, flags > WRITE|CREAT|EXCL of an existing file is EEXIST and keeps it',
    'concurrency > of 10 exclusive creations of one name exactly one succeeds',
  ),
  flags(
    'TRUNC is ignored',
    () => ({ truncate: false }),
    'openFile, flags > WRITE|CREAT|TRUNC replaces a longer file by a shorter one',
  ),
  flags(
    'every OPEN for writing empties the file',
    ({ write }) => ({ truncate: write }),
    'openFile, flags > WRITE keeps the content and changes only what is written',
  ),
  flags(
    'APPEND is ignored: writes go to the offset of the client',
    () => ({ append: false }),
    'openFile, flags > WRITE|APPEND writes at the end whatever the offset',
  ),
  flags(
    'OPEN makes a missing file without CREAT',
    () => ({ create: true }),
    'openFile, flags > READ of a missing file is ENOENT and makes nothing',
    'openFile, flags > WRITE without CREAT of a missing file is ENOENT and makes nothing',
  ),
  flags(
    'OPEN makes missing directories',
    ({ create }, sound, path) => {
      if (create) makeParents(sound, path);
      return {};
    },
    'openFile, flags > CREAT in a missing directory is ENOENT',
  ),
  flags(
    'every file may be read, however it was opened',
    () => ({ read: true }),
    'openFile, flags > a read on a write-only file is EBADF',
  ),
  file(
    'a read past the end gives zeros',
    (sound) => ({
      read: async (target, offset) => {
        target.fill(0);
        await sound.read(target, offset);
        return target.length;
      },
    }),
    'reading > a read at the end or past it gives 0',
    'reading > a read at the end gives the bytes that are left and touches no others',
  ),
  file(
    'reads are short in the middle of a file',
    (sound) => ({ read: (target, offset) => sound.read(target.subarray(0, 65_536), offset) }),
    'reading > a read fills the whole target when the file has the bytes',
  ),
  file(
    'reads go on where the last one ended, whatever the offset',
    (sound) => {
      let position = 0;
      return {
        read: async (target) => {
          const count = await sound.read(target, position);
          position += count;
          return count;
        },
      };
    },
    'reading > reads in any order give the bytes of their offsets',
  ),
  file(
    'writes go on where the last one ended: gaps are lost',
    (sound) => {
      let position = 0;
      return {
        write: (data, offset) => {
          const at = Math.min(offset, position);
          position = Math.max(position, at + data.length);
          return sound.write(data, at);
        },
      };
    },
    'writing > a gap before a write reads as zeros',
    'writing > writes out of order make the same file',
  ),
  file(
    'a write keeps the buffer until the close',
    (sound) => {
      const kept: [Uint8Array, number][] = [];
      return {
        write: (data, offset) => void kept.push([data, offset]),
        close: async () => {
          for (const [data, offset] of kept) await sound.write(data, offset);
          await sound.close();
        },
      };
    },
    'writing > the buffer of a write may be used again once it has settled',
    'writing > a write is read back through the same handle before close',
  ),
  file(
    'close settles before what was written is there',
    (sound) => {
      const kept: [Buffer, number][] = [];
      return {
        write: (data, offset) => void kept.push([Buffer.from(data), offset]),
        close: () => {
          setImmediate(() => {
            for (const [data, offset] of kept) void sound.write(data, offset);
          });
        },
      };
    },
    'writing > writes in order make the file',
  ),
  file(
    'a write of more than 32 KiB is cut',
    (sound) => ({ write: (data, offset) => sound.write(data.subarray(0, 32_768), offset) }),
    'writing > writes out of order make the same file',
  ),
  file(
    'writes through a file that was opened for reading succeed and do nothing',
    (_sound, opened) => (opened.flags.write ? {} : { write: () => undefined }),
    'openFile, flags > a write on a read-only file is EBADF and changes nothing',
  ),
  file(
    'a second handle does not see what the first one writes',
    (sound, { flags: asked }) => {
      if (asked.write) return {};
      const { size } = sound.stat() as { size: number };
      const snapshot = Buffer.alloc(size);
      void sound.read(snapshot, 0);
      return {
        read: (target, offset) => {
          const part = snapshot.subarray(offset, offset + target.length);
          target.set(part);
          return part.length;
        },
      };
    },
    'open files > what one handle writes another one reads',
    'open files > TRUNC by one handle empties the file for the other',
  ),
  file(
    'stat of an open file tells the size that it had',
    (sound) => {
      const before = sound.stat();
      return { stat: () => before };
    },
    'open files > stat tells the size with everything written so far',
  ),
  file(
    'abort of a reader removes the file',
    (sound, { sound: backend, path }) => ({
      abort: async () => {
        await sound.abort();
        backend.delete(path);
      },
    }),
    'abort > of a reader leaves the file as it was',
  ),
  file(
    'abort leaves a part that was never written',
    (sound, { flags: asked }) => ({
      abort: async () => {
        if (asked.write) await sound.write(Buffer.from('not from the client'), 0);
        await sound.abort();
      },
    }),
    'abort > leaves either nothing or exactly what was written',
  ),
];
