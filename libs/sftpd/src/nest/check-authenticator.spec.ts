import { describe, expect, it } from '@jest/globals';

import type { AuthenticationMethod, SftpAuthenticator } from '../auth/authenticator.js';
import { checkAuthenticator } from './check-authenticator.js';
import { SftpOptionsError } from './sftp-options.error.js';

const yes = (): boolean => true;

class TwoFactors implements SftpAuthenticator {
  readonly authorizePublicKey = yes;
  readonly keyboardInteractive = yes;
  constructor(readonly firstMethods: readonly AuthenticationMethod[]) {}
}

describe('checkAuthenticator', () => {
  it.each<SftpAuthenticator>([
    { keyboardInteractive: yes },
    { keyboardInteractive: yes, firstMethods: ['keyboard-interactive'] },
    new TwoFactors(['publickey']),
    new TwoFactors(['publickey', 'keyboard-interactive']),
  ])('passes on %p', (authenticator) => {
    expect(checkAuthenticator(authenticator)).toBe(authenticator);
  });

  it.each<[unknown, string]>([
    [{ keyboardInteractive: true }, 'is no SftpAuthenticator'],
    [{ firstMethods: ['password'] }, 'authorizePublicKey or keyboardInteractive'],
    [new TwoFactors([]), 'auth: TwoFactors.firstMethods must be a list with at least one of'],
    [new TwoFactors('publickey' as never), 'must be a list with at least one of publickey'],
    [new TwoFactors(['public-key' as never]), 'names "public-key"; there are publickey, password'],
    [new TwoFactors(['constructor' as never]), 'names "constructor"'],
    [
      new TwoFactors(['publickey', 'password']),
      'names password, but authenticatePassword is missing',
    ],
  ])('refuses %p', (authenticator, message) => {
    const check = (): unknown => checkAuthenticator(authenticator as SftpAuthenticator);
    expect(check).toThrow(SftpOptionsError);
    expect(check).toThrow(message);
  });
});
