import type { SftpAuthenticator } from '../auth/authenticator.js';
import { METHOD_NAMES } from '../server/authentication/login-progress.js';
import { className } from './backend-contract.js';
import { SftpOptionsError } from './sftp-options.error.js';

type Candidate = Partial<Record<string, unknown>> | null | undefined;

/**
 * Checks that what was resolved as the authenticator is one.
 *
 * @throws SftpOptionsError that names the class and what it lacks, or what it says wrongly
 */
export function checkAuthenticator(authenticator: SftpAuthenticator): SftpAuthenticator {
  const candidate = authenticator as unknown as Candidate;
  const given = Object.values(METHOD_NAMES)
    .map((method) => candidate?.[method])
    .filter((method) => method !== undefined);
  if (given.length === 0 || given.some((method) => typeof method !== 'function')) {
    throw new SftpOptionsError([
      `auth: ${className(authenticator)} is no SftpAuthenticator; it needs a method authenticatePassword, ` +
        'authorizePublicKey or keyboardInteractive',
    ]);
  }
  const problems = firstMethodsProblems(candidate).map(
    (problem) => `auth: ${className(authenticator)}.firstMethods ${problem}`,
  );
  if (problems.length > 0) throw new SftpOptionsError(problems);
  return authenticator;
}

/** What is wrong with the methods that a log-in may begin with. */
function firstMethodsProblems(candidate: Candidate): string[] {
  const first = candidate?.['firstMethods'];
  if (first === undefined) return [];
  const names = Object.keys(METHOD_NAMES).join(', ');
  if (!Array.isArray(first) || first.length === 0) {
    return [`must be a list with at least one of ${names}; leave it out for all that there are`];
  }
  return first.flatMap((name: unknown) => {
    if (typeof name !== 'string' || !Object.hasOwn(METHOD_NAMES, name)) {
      return [`names ${JSON.stringify(name)}; there are ${names}`];
    }
    const method = METHOD_NAMES[name as keyof typeof METHOD_NAMES];
    return candidate?.[method] === undefined ? [`names ${name}, but ${method} is missing`] : [];
  });
}
