import { MemoryBackend } from '../../../backends/memory/index.js';
import type { NewFileOptions, SftpBackend } from '../../../filesystem/backend.js';
import type { FileWriter } from '../../../filesystem/file-writer.js';
import type { SftpPath } from '../../../filesystem/path.js';
import type { SftpSession } from '../../../filesystem/session.js';
import {
  streamingOnly,
  wholeFileOnly,
} from '../../../filesystem/open-files/spec-support/levels.js';
import { CAPABILITIES, type ContentMethod } from '../../../filesystem/backend-methods.js';
import { altered } from './altered.js';
import type { Fault } from './fault.js';
import { ignoring, makeParents } from './memory-helpers.js';

const STREAMING: readonly ContentMethod[] = ['readFileRange', 'beginWrite'];
const WHOLE: readonly ContentMethod[] = ['readFile', 'writeFile'];

type Wrong = (sound: Required<SftpBackend>, memory: MemoryBackend) => Partial<SftpBackend>;

function level(
  make: (memory: MemoryBackend) => SftpBackend,
  content: readonly ContentMethod[],
  name: string,
  wrong: Wrong,
  reportedBy: readonly string[],
): Fault {
  const create = (): { backend: SftpBackend } => {
    const memory = new MemoryBackend();
    const sound = make(memory);
    return { backend: { ...sound, ...wrong(sound as Required<SftpBackend>, memory) } };
  };
  // A file that never ends must not fill the disk.
  const strategies = { maxTemporaryBytes: 32 * 1024 * 1024 };
  return { name, contract: { create, content, without: CAPABILITIES, strategies }, reportedBy };
}

/** A streaming backend with some methods made wrong. */
function streaming(name: string, wrong: Wrong, ...reportedBy: string[]): Fault {
  return level(streamingOnly, STREAMING, `streaming: ${name}`, wrong, reportedBy);
}

interface Begun {
  readonly sound: Required<SftpBackend>;
  readonly memory: MemoryBackend;
  readonly path: SftpPath;
  readonly options: NewFileOptions;
  readonly session: SftpSession;
}

/** A streaming backend whose writers have some methods made wrong. */
function writer(
  name: string,
  wrong: (soundWriter: FileWriter, begun: Begun) => Partial<FileWriter>,
  ...reportedBy: string[]
): Fault {
  return streaming(
    name,
    (sound, memory) => ({
      beginWrite: async (path, options, session) => {
        const begun = await sound.beginWrite(path, options, session);
        return altered(begun, wrong(begun, { sound, memory, path, options, session }));
      },
    }),
    ...reportedBy,
  );
}

/** A whole-file backend with some methods made wrong. */
function whole(name: string, wrong: Wrong, ...reportedBy: string[]): Fault {
  return level(wholeFileOnly, WHOLE, `whole files: ${name}`, wrong, reportedBy);
}

/** Faults in `readFileRange`, `beginWrite`, `readFile` and `writeFile`. */
export const SEQUENTIAL_FAULTS: readonly Fault[] = [
  streaming(
    'a range past the end is filled with zeros',
    (sound) => ({
      readFileRange: async (path, offset, length, session) => {
        const target = Buffer.alloc(length);
        target.set(await sound.readFileRange(path, offset, length, session));
        return target;
      },
    }),
    'readFileRange > gives the exact bytes of a range, fewer only at the end',
    'readFileRange > gives nothing at the end of a file or past it',
    'readFileRange > gives nothing of an empty file',
  ),
  streaming(
    'a range is short in the middle of the file',
    (sound) => ({
      readFileRange: (path, offset, length, session) =>
        sound.readFileRange(path, offset, Math.min(length, 65_536), session),
    }),
    'readFileRange > gives the exact bytes of a range, fewer only at the end',
  ),
  streaming(
    'the end of a range is taken for inclusive',
    (sound) => ({
      readFileRange: (path, offset, length, session) =>
        sound.readFileRange(path, offset, length + 1, session),
    }),
    'readFileRange > gives the exact bytes of a range, fewer only at the end',
  ),
  streaming(
    'a range past the end is an error',
    (sound) => ({
      readFileRange: async (path, offset, length, session) => {
        const found = await sound.readFileRange(path, offset, length, session);
        if (found.length === 0) throw new RangeError('416 Range Not Satisfiable');
        return found;
      },
    }),
    'readFileRange > gives nothing at the end of a file or past it',
  ),
  streaming(
    'all ranges share one buffer',
    (sound) => {
      const shared = Buffer.alloc(1_000_000);
      return {
        readFileRange: async (path, offset, length, session) => {
          const found = await sound.readFileRange(path, offset, length, session);
          shared.set(found);
          return shared.subarray(0, found.length);
        },
      };
    },
    'readFileRange > 20 ranges at once each give their own bytes',
  ),
  streaming(
    'a range of a missing file is empty',
    (sound) => ({
      readFileRange: async (...range) => {
        try {
          return await sound.readFileRange(...range);
        } catch {
          return Buffer.alloc(0);
        }
      },
    }),
    'readFileRange > of a missing file is ENOENT',
    'readFileRange > of a directory is EISDIR',
  ),
  writer(
    'abort commits',
    (sound) => ({ abort: () => sound.finish() }),
    'beginWrite, abort > of a new file leaves nothing',
    'beginWrite, abort > of a replacement keeps the old file',
    'uploads on close > abort of a new file leaves nothing',
  ),
  writer(
    'abort removes the file that was to be replaced',
    (sound, { memory, path }) => ({
      abort: async () => {
        await sound.abort();
        ignoring(() => memory.delete(path));
      },
    }),
    'beginWrite, abort > of a replacement keeps the old file',
  ),
  writer(
    'finish is not atomic: the file grows under its name',
    (sound, { sound: backend, path, session }) => {
      const chunks: Uint8Array[] = [];
      return {
        write: async (_offset, chunk) => {
          chunks.push(Uint8Array.from(chunk));
          const part = await backend.beginWrite(path, { exclusive: false }, session);
          await part.write(0, Buffer.concat(chunks));
          await part.finish();
        },
        finish: () => undefined,
        abort: () => sound.abort(),
      };
    },
    'beginWrite > a new file is not there before finish, and whole after it',
    'beginWrite > a file that is replaced keeps its content until finish',
  ),
  writer(
    'finish without a write makes nothing',
    (sound) => {
      let written = false;
      return {
        write: (offset, chunk) => {
          written = true;
          return sound.write(offset, chunk);
        },
        finish: () => (written ? sound.finish() : sound.abort()),
      };
    },
    'beginWrite > finish without a write makes an empty file',
  ),
  writer(
    'a chunk is kept and not copied',
    (sound) => {
      const kept: Uint8Array[] = [];
      return {
        write: (_offset, chunk) => void kept.push(chunk),
        finish: async () => {
          await sound.write(0, Buffer.concat(kept));
          await sound.finish();
        },
      };
    },
    'beginWrite > the memory of a chunk may be used again once its write has settled',
    'writing > the buffer of a write may be used again once it has settled',
  ),
  writer(
    'the last chunk is lost',
    (sound) => {
      let last: [number, Uint8Array] | undefined;
      return {
        write: async (offset, chunk) => {
          const due = last;
          last = [offset, Uint8Array.from(chunk)];
          if (due !== undefined) await sound.write(...due);
        },
      };
    },
    'beginWrite > many chunks of many lengths make the file',
  ),
  streaming(
    'two writers of one name share what they write',
    (sound) => {
      const shared = new Map<string, Buffer[]>();
      return {
        beginWrite: async (path, options, session) => {
          const begun = await sound.beginWrite(path, options, session);
          const chunks = shared.get(path) ?? [];
          shared.set(path, chunks);
          return altered(begun, {
            write: (_offset, chunk) => void chunks.push(Buffer.from(chunk)),
            finish: async () => {
              await begun.write(0, Buffer.concat(chunks));
              shared.delete(path);
              await begun.finish();
            },
            abort: async () => {
              shared.delete(path);
              await begun.abort();
            },
          });
        },
      };
    },
    'beginWrite, several writers > of one name do not mix: the last one to finish stays, whole',
    'beginWrite, several writers > of one name: the abort of one leaves the other',
  ),
  streaming(
    'exclusive is ignored',
    (sound) => ({
      beginWrite: (path, options, session) =>
        sound.beginWrite(path, { ...options, exclusive: false }, session),
    }),
    'beginWrite, exclusive > over anything is EEXIST and keeps it',
  ),
  streaming(
    'exclusive is checked at the beginning alone',
    (sound) => ({
      beginWrite: async (path, options, session) => {
        if (options.exclusive) {
          const checked = await sound.beginWrite(path, options, session);
          await checked.abort();
        }
        return sound.beginWrite(path, { ...options, exclusive: false }, session);
      },
    }),
    'beginWrite, exclusive > over a file that was made meanwhile is EEXIST at finish and keeps it',
    'beginWrite, exclusive > of 10 writers of one name exactly one succeeds',
  ),
  streaming(
    'missing directories are made',
    (sound, memory) => ({
      beginWrite: (path, options, session) => {
        makeParents(memory, path);
        return sound.beginWrite(path, options, session);
      },
    }),
    'beginWrite > into a missing directory is ENOENT and makes nothing',
  ),
  whole(
    'exclusive is ignored',
    (sound) => ({
      writeFile: (path, content, options, session) =>
        sound.writeFile(path, content, { ...options, exclusive: false }, session),
    }),
    'writeFile > exclusive over anything is EEXIST and keeps it',
    'writeFile > of 10 exclusive calls for one name exactly one succeeds',
  ),
  whole(
    'the content is kept and stored later',
    (sound) => ({
      writeFile: (path, content, options, session) => {
        const later = async (): Promise<void> => {
          await new Promise((resolve) => setImmediate(resolve));
          await sound.writeFile(path, content, options, session);
        };
        later().catch(() => undefined);
      },
    }),
    'writeFile > makes a file',
    'writeFile > the memory of the content may be used again once it has settled',
  ),
  whole(
    'a shorter content leaves the end of the old one',
    (sound) => ({
      writeFile: async (path, content, options, session) => {
        const old = await readOrNothing(sound, path, session);
        const rest = options.exclusive ? old.subarray(0, 0) : old.subarray(content.length);
        await sound.writeFile(path, Buffer.concat([content, rest]), options, session);
      },
    }),
    'writeFile > replaces a longer file by a shorter one',
  ),
  whole(
    'missing directories are made',
    (sound, memory) => ({
      writeFile: (path, content, options, session) => {
        makeParents(memory, path);
        return sound.writeFile(path, content, options, session);
      },
    }),
    'writeFile > into a missing directory is ENOENT and makes nothing',
  ),
  whole(
    'what is read is the cached content itself, and is never read again',
    (sound) => {
      const cache = new Map<string, Uint8Array>();
      return {
        readFile: async (path, session) => {
          const content = cache.get(path) ?? (await sound.readFile(path, session));
          cache.set(path, content);
          return content;
        },
      };
    },
    'readFile > what it gave may be changed without changing the file',
    'readFile > what it gave stays as it was when the file is replaced',
  ),
  whole(
    'a missing file is read as an empty one',
    (sound) => ({ readFile: (path, session) => readOrNothing(sound, path, session) }),
    'readFile > of a missing file is ENOENT',
    'readFile > of a directory is EISDIR',
  ),
];

async function readOrNothing(
  sound: Required<SftpBackend>,
  path: SftpPath,
  session: SftpSession,
): Promise<Uint8Array> {
  try {
    return await sound.readFile(path, session);
  } catch {
    return Buffer.alloc(0);
  }
}
