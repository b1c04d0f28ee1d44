import type { OpenFileOptions } from '../filesystem/open-files/open-file-options.js';
import { isRecord, numberProblems, unknownKeys } from './option-problems.js';

/** Bounds of what is kept for open files; the strategies have the defaults. */
const OPEN_FILE_NUMBERS = {
  // No buffer of Node is longer on all platforms.
  maxWholeFileBytes: { min: 0, max: 2 ** 31 - 1 },
  maxTemporaryBytes: { min: 0, max: Number.MAX_SAFE_INTEGER },
  // One request must fit.
  maxReassemblyBytes: { min: 256 * 1024, max: 2 ** 30 },
  maxReadAheadBytes: { min: 256 * 1024, max: 2 ** 30 },
} as const satisfies Partial<Record<keyof OpenFileOptions, object>>;

/** What is wrong with the option `openFiles`. */
export function openFilesProblems(openFiles: unknown): string[] {
  if (openFiles === undefined) return [];
  if (!isRecord(openFiles))
    return ['openFiles: must be an object, like { maxWholeFileBytes: ... }'];
  const known = ['temporaryDirectory', ...Object.keys(OPEN_FILE_NUMBERS)];
  const { temporaryDirectory } = openFiles;
  const isText = typeof temporaryDirectory === 'string' && temporaryDirectory !== '';
  return [
    ...unknownKeys(openFiles, known, 'openFiles.'),
    ...(temporaryDirectory === undefined || isText
      ? []
      : ['openFiles.temporaryDirectory: must be the path of a directory']),
    ...numberProblems(OPEN_FILE_NUMBERS, openFiles, 'openFiles.'),
  ];
}
