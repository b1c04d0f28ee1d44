import { describe, expect, it } from '@jest/globals';

import { POSIX_ERRORS, type PosixErrorCode, SftpError, toSftpError } from './sftp-error.js';

const CODES = Object.entries(POSIX_ERRORS) as [PosixErrorCode, string][];

describe('SftpError', () => {
  it.each(CODES)('%s says %j where nothing else is said', (code, sentence) => {
    const error = new SftpError(code);
    expect(error).toMatchObject({ name: 'SftpError', code, message: sentence });
    expect(error).toBeInstanceOf(Error);
  });

  it('keeps a message and a cause of its own', () => {
    const cause = new Error('bucket x');
    const error = new SftpError('ENOSPC', 'The mailbox is full', { cause });
    expect(error).toMatchObject({ code: 'ENOSPC', message: 'The mailbox is full' });
    expect(error.cause).toBe(cause);
  });
});

describe('toSftpError', () => {
  it('leaves an SftpError as it is', () => {
    const error = new SftpError('EXDEV', 'not across buckets');
    expect(toSftpError(error)).toBe(error);
  });

  it.each(CODES)(
    'keeps the code %s of an ErrnoException, with the usual sentence',
    (code, text) => {
      const cause = Object.assign(new Error(`${code}: open '/srv/secret'`), { code });
      const error = toSftpError(cause);
      expect(error).toMatchObject({ code, message: text });
      expect(error.cause).toBe(cause);
    },
  );

  it.each([
    ['EOPNOTSUPP', 'ENOTSUP'],
    ['ENOSYS', 'ENOTSUP'],
    ['ENFILE', 'EMFILE'],
    ['ETXTBSY', 'EBUSY'],
  ])('takes %s for %s', (code, expected) => {
    expect(toSftpError(Object.assign(new Error('x'), { code })).code).toBe(expected);
  });

  it.each([
    ['an error without a code', new Error('/srv/secret')],
    ['a code that it does not know', { code: 'ECONNREFUSED' }],
    ['a code named like a member of every object', { code: 'constructor' }],
    ['another one', { code: '__proto__' }],
    ['an empty code', { code: '' }],
    ['a code that is a number', { code: 13 }],
    ['a text', 'ENOENT'],
    ['null', null],
    ['undefined', undefined],
    ['a function', () => 'ENOENT'],
  ])('makes EIO of %s and keeps it as the cause', (_what, thrown) => {
    const error = toSftpError(thrown);
    expect(error).toMatchObject({ code: 'EIO', message: POSIX_ERRORS.EIO });
    expect(error.cause).toBe(thrown);
  });
});
