import { boundsOf, type OpenFileOptions } from '../filesystem/open-files/open-file-options.js';
import { isRecord, unknownKeys } from './option-problems.js';

const KNOWN = Object.keys(boundsOf({}));

/** What is wrong with the option `openFiles`. */
export function openFilesProblems(openFiles: unknown): string[] {
  if (openFiles === undefined) return [];
  if (!isRecord(openFiles)) {
    return ['openFiles: must be an object, like { maxWholeFileBytes: 1048576 }'];
  }
  const { temporaryDirectory, ...bounds } = openFiles;
  const isText = typeof temporaryDirectory === 'string' && temporaryDirectory !== '';
  return [
    ...unknownKeys(openFiles, KNOWN, 'openFiles.'),
    ...(temporaryDirectory === undefined || isText
      ? []
      : ['openFiles.temporaryDirectory: must be the path of a directory']),
    ...Object.entries(bounds).flatMap(([name, value]) => boundProblem({ [name]: value })),
  ];
}

function boundProblem(one: OpenFileOptions): string[] {
  try {
    boundsOf(one);
    return [];
  } catch (error) {
    if (error instanceof TypeError) return [`openFiles.${error.message}`];
    throw error;
  }
}
