import { describe, expect, it } from '@jest/globals';

import type { SftpSession } from '../../filesystem/session.js';
import { SessionKeys } from './session-keys.js';

/** User names that an application might put into a prefix as they come. */
const HOSTILE = [
  '..',
  '../tenant-b',
  'tenant-a/../tenant-b',
  './tenant-b',
  '/tenant-b',
  '//',
  'tenant-a//tenant-b',
  'tenant-a/./b',
  'a\nb',
  'a\rb',
  'a\u0000',
  '\u001b[2J',
  'a\u007f',
];

const keys = new SessionKeys({ sessionAttribute: 'tenant' });

function sessionOf(tenant: string): SftpSession {
  const peer = { address: '127.0.0.1', port: 1, ident: '' };
  return { id: '1', username: tenant, peer, attributes: { tenant } };
}

describe('user names made to break prefixes', () => {
  it.each(HOSTILE)('%j gives no keys at all', (name) => {
    expect(() => keys.of(sessionOf(name))).toThrow(expect.objectContaining({ code: 'EACCES' }));
    expect(() => keys.of(sessionOf(`${name}/`))).toThrow(
      expect.objectContaining({ code: 'EACCES' }),
    );
  });
});
