import type { Argon2Package } from './argon2.js';
import type { BcryptPackage } from './bcrypt.js';
import { HashPackagesMissingError } from './hash-packages-missing.error.js';

/** The optional packages, as far as they are loaded. */
export interface HashPackages {
  readonly bcrypt?: BcryptPackage;
  readonly argon2?: Argon2Package;
}

/** The name of one of them. */
export type HashPackageName = keyof HashPackages;

/** Loads a package by its name. */
export type ImportHashPackage = (name: HashPackageName) => Promise<unknown>;

const importPackage: ImportHashPackage = (name) =>
  name === 'bcrypt' ? import('bcrypt') : import('argon2');

/**
 * Loads the packages that hashes need, and no other one.
 *
 * @param needed the packages, each with whose hash it is for, as it stands in the error's message
 * @param load how a package is loaded
 * @throws HashPackagesMissingError naming what is not installed, and how to install it
 */
export async function loadHashPackages(
  needed: ReadonlyMap<HashPackageName, string>,
  load: ImportHashPackage = importPackage,
): Promise<HashPackages> {
  const names = [...needed.keys()];
  const loaded = await Promise.allSettled(names.map((name) => load(name)));
  const missing = names.filter((_, index) => isMissing(loaded[index]));
  if (missing.length > 0) {
    const whose = new Set(missing.map((name) => needed.get(name) ?? ''));
    throw new HashPackagesMissingError(missing, [...whose], {
      cause: loaded.find((outcome) => outcome.status === 'rejected')?.reason,
    });
  }
  return Object.fromEntries(
    loaded.map((outcome, index) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return [names[index], exportsOf(outcome.value)];
    }),
  ) as HashPackages;
}

function isMissing(outcome: PromiseSettledResult<unknown> | undefined): boolean {
  const reason: unknown = outcome?.status === 'rejected' ? outcome.reason : undefined;
  return (
    reason instanceof Error &&
    'code' in reason &&
    ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(String(reason.code))
  );
}

/** Both packages are CommonJS: what they export is the default export, whatever else Node finds. */
function exportsOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module
    ? module.default
    : module;
}
