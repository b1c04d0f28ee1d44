import type { SftpAuthenticator } from '../auth/authenticator.js';
import { className } from './backend-contract.js';
import { SftpOptionsError } from './sftp-options.error.js';

const METHODS = ['authenticatePassword', 'authorizePublicKey'] as const;

/**
 * Checks that what was resolved as the authenticator is one.
 *
 * @throws SftpOptionsError that names the class and what it lacks
 */
export function checkAuthenticator(authenticator: SftpAuthenticator): SftpAuthenticator {
  const candidate = authenticator as Partial<Record<string, unknown>> | null;
  const given = METHODS.map((method) => candidate?.[method]).filter(
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
