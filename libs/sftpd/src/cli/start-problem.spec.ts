import { describe, expect, it } from '@jest/globals';

import { S3PackagesMissingError } from '../backends/s3/s3-packages-missing.error.js';
import { SftpOptionsError } from '../nest/sftp-options.error.js';
import { CliError } from './errors.js';
import { inWordsOfTheCommandLine, startErrorOf } from './start-problem.js';

describe('inWordsOfTheCommandLine', () => {
  it.each([
    ['port: 22 on 127.0.0.1 is in use', '--port: 22 on 127.0.0.1 is in use'],
    ['hostKeys.directory: /k cannot be used (EACCES)', '--host-keys: /k cannot be used (EACCES)'],
    [
      'FolderBackend: the option root (/a b) does not exist: make it, or set create: true',
      'DIRECTORY /a b does not exist: make it',
    ],
    [
      'S3Backend: the bucket "b" does not exist at http://h: make it, or set createBucket: true',
      'the bucket "b" does not exist at http://h: make it',
    ],
    [
      'S3Backend: h refused the credentials (X): check the option credentials, or AWS_ACCESS_KEY_ID',
      'h refused the credentials (X): check AWS_ACCESS_KEY_ID',
    ],
    [
      'S3Backend: h could not be reached: check the option endpoint',
      'h could not be reached: check --s3-endpoint',
    ],
    ['anything\n  else', 'anything else'],
  ])('%s', (message, told) => {
    expect(inWordsOfTheCommandLine(new Error(message))).toBe(told);
  });

  it('takes away the frame of the options', () => {
    const error = new SftpOptionsError(['host: must be an address']);
    expect(inWordsOfTheCommandLine(error)).toBe('--host: must be an address');
  });
});

describe('startErrorOf', () => {
  it('keeps what is told in the right words', () => {
    const error = new CliError('cancelled', 'x');
    expect(startErrorOf(error)).toBe(error);
  });

  it('tells missing packages from the rest', () => {
    expect(startErrorOf(new S3PackagesMissingError(['@aws-sdk/client-s3']))).toMatchObject({
      code: 'packages',
      message:
        'The S3 backend needs @aws-sdk/client-s3: install with `npm install @aws-sdk/client-s3`',
    });
    expect(startErrorOf(new Error('port: no'))).toMatchObject({
      code: 'start',
      message: '--port: no',
    });
  });
});
