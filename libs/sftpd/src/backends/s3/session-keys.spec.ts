import { describe, expect, it } from '@jest/globals';

import { normalizePath } from '../../filesystem/path.js';
import type { SessionAttributes, SftpSession } from '../../filesystem/session.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { SessionKeys } from './session-keys.js';

function sessionOf(attributes: SessionAttributes): SftpSession {
  return {
    id: 's1',
    username: 'ann',
    peer: { address: '192.0.2.1', port: 4000, ident: 'Test_1.0' },
    attributes,
  };
}

const BY_TENANT = new SessionKeys({ sessionAttribute: 'tenant' });

describe('SessionKeys', () => {
  it('gives everybody the same keys below a prefix of the options', () => {
    const keys = new SessionKeys('in/');
    expect(keys.of(sessionOf({})).fileKey(normalizePath('/a'))).toBe('in/a');
    expect(keys.of(sessionOf({ tenant: 'x' })).prefix).toBe('in/');
  });

  it("gives a session the keys below its own prefix, and none of a neighbour's", () => {
    const keys = BY_TENANT.of(sessionOf({ tenant: 'tenant-a' }));
    expect(keys.prefix).toBe('tenant-a/');
    for (const path of ['/../tenant-ab/x', '/..', '../../x', '/./../../tenant-ab']) {
      const canonical = normalizePath(path);
      expect(keys.directoryPrefix(canonical)).toMatch(/^tenant-a\//);
    }
  });

  it.each([
    {},
    { tenant: undefined },
    { tenant: null },
    { tenant: '' },
    { tenant: '/' },
    { tenant: '..' },
    { tenant: '../b' },
    { tenant: '/etc' },
    { tenant: 'a//b' },
    { tenant: 'a\nb' },
    { tenant: 7 },
    { tenant: ['a'] },
    { tenant: '\ud800' },
    Object.create({ tenant: 'inherited' }) as SessionAttributes,
  ])('refuses a session whose attributes are %p', (attributes) => {
    try {
      BY_TENANT.of(sessionOf(attributes));
    } catch (error) {
      expect(error).toMatchObject({ code: 'EACCES', message: 'Permission denied' });
      expect((error as SftpError).cause).toMatchObject({
        message: expect.stringContaining('The session attribute "tenant" of the user "ann"'),
      });
      return;
    }
    throw new Error('The session was given keys');
  });

  it('does not take a method that every object has for an attribute', () => {
    const keys = new SessionKeys({ sessionAttribute: 'toString' });
    expect(() => keys.of(sessionOf({}))).toThrow(SftpError);
  });
});
