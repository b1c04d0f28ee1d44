import { errorCode } from '../../filesystem/sftp-error.js';
import { S3PackagesMissingError } from './s3-packages-missing.error.js';

/** The client package, as far as it is loaded. */
export type S3Sdk = typeof import('@aws-sdk/client-s3');

/** The package of managed uploads. */
export type S3LibStorage = typeof import('@aws-sdk/lib-storage');

/** The packages that a backend works with. */
export interface S3Packages {
  readonly sdk: S3Sdk;
  readonly libStorage: S3LibStorage;
}

/** Loads a package by its name. */
export type ImportPackage = (name: string) => Promise<unknown>;

const PACKAGES = ['@aws-sdk/client-s3', '@aws-sdk/lib-storage'] as const;

const importPackage: ImportPackage = (name) =>
  name === '@aws-sdk/client-s3' ? import('@aws-sdk/client-s3') : import('@aws-sdk/lib-storage');

/**
 * Loads the AWS SDK. Nothing of it is loaded before a backend starts, so that whoever does not use S3 need not
 * install it.
 *
 * @param load how a package is loaded
 * @throws S3PackagesMissingError naming what is not installed
 */
export async function loadPackages(load: ImportPackage = importPackage): Promise<S3Packages> {
  const loaded = await Promise.allSettled(PACKAGES.map((name) => load(name)));
  const missing = PACKAGES.filter((_, index) => isMissing(loaded[index]));
  if (missing.length > 0) {
    throw new S3PackagesMissingError(missing, { cause: reasonOf(loaded) });
  }
  const [sdk, libStorage] = loaded.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  return { sdk: sdk as S3Sdk, libStorage: libStorage as S3LibStorage };
}

function isMissing(outcome: PromiseSettledResult<unknown> | undefined): boolean {
  return (
    outcome?.status === 'rejected' &&
    ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(errorCode(outcome.reason) ?? '')
  );
}

function reasonOf(outcomes: readonly PromiseSettledResult<unknown>[]): unknown {
  return outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
}
