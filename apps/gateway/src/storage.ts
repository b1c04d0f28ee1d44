import { readS3Storage, type S3Storage } from './s3-storage.js';
import type { VariableName } from './variable-names.js';
import type { Variables } from './variables.js';

/** Where the files are kept. */
export type Storage = MemoryStorage | FolderStorage | S3Storage;

interface MemoryStorage {
  readonly kind: 'memory';
}

interface FolderStorage {
  readonly kind: 'folder';
  readonly root: string;
  readonly atomicUploads: boolean;
}

type Kind = Storage['kind'];

/** Where files are, as the end of a sentence. */
const PLACES: Readonly<Record<Kind, string>> = {
  memory: 'files are kept in memory',
  folder: 'files are kept in SFTP_FOLDER_ROOT',
  s3: 'files are kept in S3_BUCKET',
};

/**
 * Reads where the files are kept; variables that belong to another storage than the chosen one are told.
 *
 * @param warnings takes what the operator should know
 */
export function readStorage(variables: Variables, warnings: string[]): Storage {
  const kind = variables.oneOf('SFTP_BACKEND', ['memory', 'folder', 's3'], 'memory');
  if (kind !== 'folder') checkPlace(variables, warnings, kind, 'SFTP_FOLDER_ROOT', 'folder');
  const atomicUploads = variables.boolean('SFTP_ATOMIC_UPLOADS', false);
  if (atomicUploads && kind !== 'folder') {
    warnings.push('SFTP_ATOMIC_UPLOADS has no effect without SFTP_BACKEND=folder');
  }
  if (kind !== 's3') checkPlace(variables, warnings, kind, 'S3_BUCKET', 's3');
  const s3 = readS3Storage(variables, warnings, kind === 's3');

  if (kind === 's3') return s3;
  if (kind === 'memory') return { kind };
  const root = variables.text('SFTP_FOLDER_ROOT');
  if (root === undefined) {
    variables.problems.push(
      'SFTP_BACKEND is folder, so SFTP_FOLDER_ROOT must name its root directory',
    );
  }
  return { kind, root: root ?? '', atomicUploads };
}

/** Tells of a variable that names a place where files are not kept. */
function checkPlace(
  variables: Variables,
  warnings: string[],
  kind: Kind,
  name: VariableName,
  belongsTo: Kind,
): void {
  if (variables.text(name) === undefined) return;
  if (variables.text('SFTP_BACKEND') === undefined) {
    // Whoever names a place expects files to survive a restart; the default backend would lose them.
    variables.problems.push(
      `${name} is set without SFTP_BACKEND: set SFTP_BACKEND=${belongsTo} or unset it`,
    );
  } else {
    warnings.push(`${name} has no effect with SFTP_BACKEND=${kind}: ${PLACES[kind]}`);
  }
}
