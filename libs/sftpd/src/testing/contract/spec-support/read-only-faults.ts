import type { SftpBackend } from '../../../filesystem/backend.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import { CAPABILITIES } from '../../../filesystem/backend-methods.js';
import { SAMPLE_FILES } from '../read-only-files.js';
import type { Fault } from './fault.js';
import { readOnlyMemory } from './read-only-memory.js';

/** A read-only backend with some methods made wrong. */
function readOnly(
  name: string,
  wrong: (sound: Required<SftpBackend>) => Partial<SftpBackend>,
  ...reportedBy: string[]
): Fault {
  const create = (): { backend: SftpBackend } => {
    const sound = readOnlyMemory();
    return { backend: { ...sound, ...wrong(sound as Required<SftpBackend>) } };
  };
  return {
    name: `read-only: ${name}`,
    contract: {
      create,
      content: ['readFileRange', 'readFile'],
      without: CAPABILITIES,
      readOnly: { files: SAMPLE_FILES },
    },
    reportedBy,
  };
}

/** Faults of backends that nobody may change. */
export const READ_ONLY_FAULTS: readonly Fault[] = [
  readOnly(
    'delete is accepted and does nothing',
    () => ({ delete: () => undefined }),
    'read-only: every change is EROFS and changes nothing > delete',
  ),
  readOnly(
    'rename is EACCES',
    () => ({
      rename: () => {
        throw new SftpError('EACCES');
      },
    }),
    'read-only: every change is EROFS and changes nothing > rename, with overwrite and without',
  ),
  readOnly(
    'a file is not listed',
    (sound) => ({
      listDir: async (path, session) => {
        const entries = [...((await sound.listDir(path, session)) as Iterable<{ name: string }>)];
        return entries.filter(({ name }) => name !== 'empty') as never;
      },
    }),
    'read-only: listDir > lists in each directory exactly what it holds, each once',
  ),
  readOnly(
    'a size is wrong',
    (sound) => ({
      fileInfo: async (path, session) => {
        const info = await sound.fileInfo(path, session);
        return info.size === 0 ? info : { ...info, size: info.size + 1 };
      },
    }),
    'read-only: fileInfo > tells of each file its type and its size in bytes',
  ),
  readOnly(
    'a missing name is a directory',
    (sound) => ({
      fileInfo: async (path, session) => {
        try {
          return await sound.fileInfo(path, session);
        } catch {
          return { type: 'directory', size: 0 };
        }
      },
    }),
    'read-only: fileInfo > a missing name is ENOENT',
    'read-only: fileInfo > a path through a file is ENOTDIR',
  ),
  readOnly(
    'line ends are changed',
    (sound) => ({
      readFile: async (path, session) => {
        const content = Buffer.from(await sound.readFile(path, session)).toString('latin1');
        return Buffer.from(content.replaceAll('\n', '\r\n'), 'latin1');
      },
    }),
    'read-only: readFile > gives each file whole',
  ),
  readOnly(
    'a range ignores its offset',
    (sound) => ({
      readFileRange: (path, _offset, length, session) =>
        sound.readFileRange(path, 0, length, session),
    }),
    'read-only: readFileRange > gives the exact bytes of a range, fewer only at the end',
    'read-only: reading > each part of a file has the bytes of its offset, fewer only at the end',
  ),
];
