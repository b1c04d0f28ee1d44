import { describe, expect, it } from '@jest/globals';

import { SftpError } from '../../../filesystem/sftp-error.js';
import {
  errorName,
  errorText,
  httpStatus,
  isPreconditionFailed,
  requestError,
  storeError,
} from './s3-errors.js';

const SECRET = 'bucket uploads, key tenant-a/x, request 4711';

function failure(name: string, status?: number): Error {
  const metadata = status === undefined ? {} : { $metadata: { httpStatusCode: status } };
  return Object.assign(new Error(SECRET), { name }, metadata);
}

describe('storeError', () => {
  it.each<[string, number | undefined, string]>([
    ['NotFound', 404, 'ENOENT'],
    ['NoSuchKey', 404, 'ENOENT'],
    ['NoSuchBucket', 404, 'EIO'],
    ['AccessDenied', 403, 'EACCES'],
    ['InvalidAccessKeyId', 403, 'EACCES'],
    ['QuotaExceeded', 403, 'EDQUOT'],
    ['NotImplemented', 501, 'ENOTSUP'],
    ['SlowDown', 503, 'EIO'],
    ['InternalError', 500, 'EIO'],
    ['InsufficientStorage', 507, 'ENOSPC'],
    ['KeyTooLongError', 400, 'ENAMETOOLONG'],
    ['EntityTooLarge', 400, 'EFBIG'],
    ['AbortError', undefined, 'ETIMEDOUT'],
    ['TimeoutError', undefined, 'ETIMEDOUT'],
    ['ECONNREFUSED', undefined, 'EIO'],
  ])('makes %s (%p) %s, and tells the client nothing of the store', (name, status, code) => {
    const cause = failure(name, status);
    const error = storeError(cause);
    expect(error).toMatchObject({ code, cause });
    expect(error.message).not.toContain('uploads');
    expect(httpStatus(error)).toBe(status);
    expect(errorName(error)).toBe(name);
  });

  it('leaves what is an SftpError already', () => {
    const error = new SftpError('EFBIG');
    expect(storeError(error)).toBe(error);
    expect(httpStatus(error)).toBeUndefined();
  });

  it('knows a condition that did not hold', () => {
    expect(isPreconditionFailed(storeError(failure('PreconditionFailed', 412)))).toBe(true);
    expect(isPreconditionFailed(storeError(failure('ConditionalRequestConflict', 409)))).toBe(true);
    expect(isPreconditionFailed(storeError(failure('OperationAborted', 409)))).toBe(false);
    expect(isPreconditionFailed(undefined)).toBe(false);
  });
});

describe('requestError', () => {
  class HeadObjectCommand {
    readonly input = { Bucket: 'uploads', Key: 'tenant-a/x' };
  }

  it('tells the log which request failed, and the client nothing', () => {
    const cause = Object.assign(failure('SlowDown', 503), {
      $metadata: { httpStatusCode: 503, requestId: '4711' },
    });
    const command = new HeadObjectCommand();
    const error = requestError(cause, { command, input: command.input });
    expect(error).toMatchObject({ code: 'EIO', message: 'Input/output error' });
    expect(error.cause).toMatchObject({
      name: 'SlowDown',
      message: `HeadObject failed: ${SECRET} (bucket "uploads", key "tenant-a/x", status 503, request "4711")`,
      cause,
    });
    expect([httpStatus(error), errorName(error), errorText(error)]).toEqual([
      503,
      'SlowDown',
      SECRET,
    ]);
  });

  it('needs no answer of a store', () => {
    const command = new HeadObjectCommand();
    const refused = new Error('connect ECONNREFUSED 127.0.0.1:9000');
    const error = requestError(refused, { command, input: {} });
    expect(error.cause).toMatchObject({
      message: 'HeadObject failed: connect ECONNREFUSED 127.0.0.1:9000',
    });
    const known = new SftpError('EFBIG');
    expect(requestError(known, { command, input: {} })).toBe(known);
  });
});
