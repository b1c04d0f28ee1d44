import { isCanonical, pathProblem } from './backend-role.js';
import type { BackendSources } from './backend-providers.js';
import { backendOptionProblems, isClass } from './backend-setting.js';
import { isRecord } from './option-problems.js';
import { isSource } from './provider-source.js';

/** What is wrong with the backends that `forRootAsync` is given beside its factory. */
export function sourcesProblems({ backend, backends, mounts }: BackendSources): string[] {
  return [
    ...(backend === undefined ? [] : backendOptionProblems(backend)),
    ...backendsProblems(backends),
    ...mountsProblems(mounts),
  ];
}

/** What is wrong with the option `backends`, as far as it can be told before it is resolved. */
export function backendsProblems(backends: unknown): string[] {
  if (backends === undefined) return [];
  if (!isRecord(backends)) return ['backends: must be an object, like { archive: ... }'];
  return Object.entries(backends).flatMap(([name, source]) => {
    if (name === '') return ['backends: the name of a backend must not be empty'];
    return isBackendSource(source)
      ? []
      : [
          `backends[${JSON.stringify(name)}]: what was given is no SftpBackend, nor a class or a provider of one`,
        ];
  });
}

/** What is wrong with the option `mounts`, as far as it can be told before it is resolved. */
export function mountsProblems(mounts: unknown): string[] {
  if (mounts === undefined) return [];
  if (!isRecord(mounts)) return ["mounts: must be an object, like { '/inbox': ... }"];
  return Object.entries(mounts).flatMap(([path, source]) => {
    const option = `mounts[${JSON.stringify(path)}]`;
    if (!isCanonical(path)) return [`${option}: the path ${pathProblem(path)}`];
    return isBackendSource(source) || (typeof source === 'string' && source !== '')
      ? []
      : [`${option}: what was given is no SftpBackend, nor a class, a provider or the name of one`];
  });
}

/** By session, only the whole tree can be chosen: a function is no source of a part of it. */
function isBackendSource(source: unknown): boolean {
  return isSource(source) && (typeof source !== 'function' || isClass(source));
}
