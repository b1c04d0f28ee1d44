import { describe, expect, it } from '@jest/globals';

import { S3StartError } from './s3-start.error.js';
import { isDenied, isMissingBucket, startProblem } from './start-problem.js';
import { storeError } from './store/s3-errors.js';

const PLACE = { bucket: 'uploads', endpoint: 'http://store.example', region: 'eu-west-1' };

function failure(name: string, status?: number): Error {
  const error = Object.assign(new Error(name), { $metadata: { httpStatusCode: status } });
  error.name = name;
  return storeError(error);
}

describe('startProblem', () => {
  it.each<[string, number | undefined, RegExp]>([
    ['NoSuchBucket', 404, /bucket "uploads" does not exist at .*createBucket: true/],
    ['AccessDenied', 403, /may not be listed .*s3:ListBucket/],
    [
      'InvalidAccessKeyId',
      403,
      /refused the credentials \(InvalidAccessKeyId\): .*AWS_ACCESS_KEY_ID/,
    ],
    ['SignatureDoesNotMatch', 403, /refused the credentials/],
    ['CredentialsProviderError', undefined, /refused the credentials/],
    ['PermanentRedirect', 301, /another region than eu-west-1: set the option region/],
    ['Error', undefined, /could not be reached \(Error\): check the option endpoint/],
    ['InternalError', 500, /could not be used \(InternalError\)/],
  ])('tells of %s (%p) what to do', (name, status, text) => {
    const problem = startProblem(failure(name, status), PLACE);
    expect(problem).toBeInstanceOf(S3StartError);
    expect(problem.message).toMatch(text);
    expect(problem.cause).toBeDefined();
  });

  it('names Amazon and the region where there is no endpoint', () => {
    const { message } = startProblem(failure('NoSuchBucket', 404), {
      ...PLACE,
      endpoint: undefined,
    });
    expect(message).toContain('Amazon S3 in eu-west-1');
  });

  it('knows a missing bucket and a denied one from bad keys', () => {
    expect(isMissingBucket(failure('NoSuchBucket', 404))).toBe(true);
    expect(isDenied(failure('AccessDenied', 403))).toBe(true);
    expect(isDenied(failure('InvalidAccessKeyId', 403))).toBe(false);
  });
});
