import type { ServeFlags } from './settings.js';
import { UsageError } from './errors.js';

/** Where the files are. */
export type Storage = FolderStorage | MemoryStorage | S3Storage;

/** A folder of this machine. */
export interface FolderStorage {
  readonly kind: 'folder';
  readonly root: string;
  readonly atomicUploads: boolean;
}

/** The memory of this process. */
export interface MemoryStorage {
  readonly kind: 'memory';
}

/** A bucket; the members but `kind` are options of the S3 backend. */
export interface S3Storage {
  readonly kind: 's3';
  readonly bucket: string;
  readonly prefix?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly forcePathStyle: boolean;
}

type StorageFlags = Pick<
  ServeFlags,
  'memory' | 's3' | 's3Prefix' | 's3Endpoint' | 's3Region' | 's3PathStyle' | 'atomic'
>;

/**
 * The storage that a command line names.
 *
 * @throws UsageError when it names none or several, or has an option of another one
 */
export function readStorage(directory: string | undefined, flags: StorageFlags): Storage {
  const named = [
    ...(directory === undefined ? [] : ['DIRECTORY']),
    ...(flags.memory ? ['--memory'] : []),
    ...(flags.s3 === undefined ? [] : ['--s3']),
  ];
  if (named.length === 0) {
    throw new UsageError(
      'DIRECTORY is missing: name the folder to serve, or --memory or --s3 BUCKET',
    );
  }
  if (named.length > 1) {
    throw new UsageError(`${named.join(' and ')} exclude each other: keep one of them`);
  }
  if (flags.atomic && directory === undefined) {
    throw new UsageError(
      `--atomic is for a DIRECTORY and has no effect with ${named.join()}: leave it out`,
    );
  }
  const ofS3 = s3OptionsGiven(flags);
  if (flags.s3 === undefined && ofS3.length > 0) {
    throw new UsageError(`${ofS3.join(' and ')}: give --s3 BUCKET too, or leave it out`);
  }
  if (flags.s3 !== undefined) return s3Storage(flags.s3, flags);
  if (directory === undefined) return { kind: 'memory' };
  if (directory === '') throw new UsageError('DIRECTORY is empty: name the folder to serve');
  return { kind: 'folder', root: directory, atomicUploads: flags.atomic ?? false };
}

/** The storage in a few words, for people. */
export function describeStorage(storage: Storage): string {
  switch (storage.kind) {
    case 'folder':
      return `the folder ${storage.root}`;
    case 'memory':
      return 'memory';
    case 's3':
      return `the bucket ${storage.bucket}`;
  }
}

function s3OptionsGiven(flags: StorageFlags): string[] {
  const given = {
    '--s3-prefix': flags.s3Prefix !== undefined,
    '--s3-endpoint': flags.s3Endpoint !== undefined,
    '--s3-region': flags.s3Region !== undefined,
    '--s3-path-style': flags.s3PathStyle === true,
  };
  return Object.entries(given).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
}

function s3Storage(bucket: string, flags: StorageFlags): S3Storage {
  const { s3Prefix, s3Endpoint, s3Region, s3PathStyle } = flags;
  return {
    kind: 's3',
    bucket,
    ...(s3Prefix !== undefined && { prefix: s3Prefix }),
    ...(s3Endpoint !== undefined && { endpoint: s3Endpoint }),
    ...(s3Region !== undefined && { region: s3Region }),
    forcePathStyle: s3PathStyle ?? false,
  };
}
