import type { SftpBackend } from '../filesystem/backend.js';
import {
  CONTENT_METHODS,
  OPTIONAL_METHODS,
  REQUIRED_METHODS,
} from '../filesystem/backend-methods.js';

const WAYS_TO_READ = ['openFile', 'readFileRange', 'readFile'] as const;

/** Whether a value looks like a backend at all; whether it meets the contract, {@link contractProblem} tells. */
export function looksLikeBackend(value: unknown): value is SftpBackend {
  return [...REQUIRED_METHODS, ...WAYS_TO_READ].some((method) => isMethodOf(value, method));
}

/** What keeps a value from being an {@link SftpBackend}, with its class; nothing when it is one. */
export function contractProblem(value: unknown): string | undefined {
  const lacks: string[] = REQUIRED_METHODS.filter((method) => !isMethodOf(value, method));
  if (!WAYS_TO_READ.some((method) => isMethodOf(value, method))) {
    lacks.push('a way to read (openFile, readFileRange or readFile)');
  }
  if (lacks.length > 0) {
    return `${className(value)} is no SftpBackend; it lacks ${lacks.join(', ')}`;
  }
  const wrong = [...CONTENT_METHODS, ...OPTIONAL_METHODS, 'admitSession' as const].filter(
    (method) => (value as SftpBackend)[method] !== undefined && !isMethodOf(value, method),
  );
  if (wrong.length === 0) return undefined;
  return `${className(value)} is no SftpBackend; its ${wrong.join(', ')} must be a method or left out`;
}

/** How a value is called in messages: by its class. */
export function className(value: unknown): string {
  const { constructor: type } = Object(value ?? {}) as { constructor?: { name?: unknown } };
  if (typeof value !== 'object' || value === null || type === Object) return 'what was given';
  return typeof type?.name === 'string' && type.name !== '' ? type.name : 'what was given';
}

function isMethodOf(value: unknown, method: keyof SftpBackend): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<SftpBackend>)[method] === 'function'
  );
}
