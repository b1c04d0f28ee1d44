import type { SftpAuthenticator } from '../auth/authenticator.js';
import type { SftpBackend } from '../filesystem/backend.js';
import { SftpOptionsError } from './sftp-options.error.js';

const REQUIRED = [
  'listDir',
  'fileInfo',
  'openFile',
  'makeDir',
  'delDir',
  'delete',
  'rename',
] as const;

const METHODS_OF_AUTHENTICATORS = ['authenticatePassword', 'authorizePublicKey'] as const;

/**
 * Checks that what was resolved as the backend is one.
 *
 * @throws SftpOptionsError that names the class and what it lacks
 */
export function checkBackend(backend: SftpBackend): SftpBackend {
  const missing = REQUIRED.filter(
    (method) => typeof (backend as Partial<SftpBackend> | null)?.[method] !== 'function',
  );
  if (missing.length > 0) {
    throw new SftpOptionsError([
      `backend: ${className(backend)} is no SftpBackend; it lacks ${missing.join(', ')}`,
    ]);
  }
  return backend;
}

/**
 * Checks that what was resolved as the authenticator is one.
 *
 * @throws SftpOptionsError that names the class and what it lacks
 */
export function checkAuthenticator(authenticator: SftpAuthenticator): SftpAuthenticator {
  const candidate = authenticator as Partial<Record<string, unknown>> | null;
  const given = METHODS_OF_AUTHENTICATORS.map((method) => candidate?.[method]).filter(
    (method) => method !== undefined,
  );
  if (given.length === 0 || given.some((method) => typeof method !== 'function')) {
    throw new SftpOptionsError([
      `auth: ${className(authenticator)} is no SftpAuthenticator; it needs a method authenticatePassword or ` +
        'authorizePublicKey',
    ]);
  }
  return authenticator;
}

function className(value: object | null | undefined): string {
  return (
    (value as { constructor?: { name?: string } } | null)?.constructor?.name ?? 'what was given'
  );
}
