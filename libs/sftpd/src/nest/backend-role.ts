import { normalizePath, ROOT_PATH, type SftpPath } from '../filesystem/path.js';

/** What a decorated class is to the servers of its application. */
export interface BackendRole {
  readonly name: string | undefined;
  readonly mount: SftpPath | undefined;
}

const OPTIONS = ['name', 'mount'];

/** The role that the options of `@SftpBackend()` give. */
export function roleOf(options: unknown): BackendRole {
  return { name: nameOf(options), mount: mountOf(options) };
}

/** The name that the options of `@SftpBackend()` give. */
export function nameOf(options: unknown): string | undefined {
  return nonEmpty((options as { readonly name?: unknown }).name);
}

/** The mount that the options of `@SftpBackend()` give: the root, for a backend without a name too. */
export function mountOf(options: unknown): SftpPath | undefined {
  const { name, mount } = options as { readonly name?: unknown; readonly mount?: unknown };
  if (mount === undefined) return name === undefined ? ROOT_PATH : undefined;
  return isCanonical(mount) ? mount : undefined;
}

/** What is wrong with the options of `@SftpBackend()`; each problem begins with the option's name. */
export function roleProblems(options: unknown): string[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return ['the options of @SftpBackend() must be an object with name, mount or both'];
  }
  const { name, mount } = options as { readonly name?: unknown; readonly mount?: unknown };
  const problems = Object.keys(options)
    .filter((key) => !OPTIONS.includes(key))
    .map((key) => `${key} is no option of @SftpBackend(). Known are ${OPTIONS.join(' and ')}`);
  if (name !== undefined && nonEmpty(name) === undefined) {
    problems.push('the name in @SftpBackend() must be a text that is not empty');
  }
  if (mount !== undefined && !isCanonical(mount)) {
    problems.push(`the mount in @SftpBackend() ${pathProblem(mount)}`);
  }
  return problems;
}

/** Whether a value is a canonical path. */
export function isCanonical(path: unknown): path is SftpPath {
  return typeof path === 'string' && !path.includes('\0') && normalizePath(path) === path;
}

/** What is wrong with a path that is not canonical. */
export function pathProblem(path: unknown): string {
  if (typeof path !== 'string') return "must be a path, like '/inbox'";
  const meant = path.includes('\0') ? '' : `, like ${JSON.stringify(normalizePath(path))}`;
  return `must be an absolute path without empty, "." or ".." segments and without a slash at its end${meant}`;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
