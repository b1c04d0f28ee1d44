import { describe, expect, it } from '@jest/globals';
import { startProblem } from './start-problem.js';

describe('startProblem', () => {
  it.each([
    ['port: 22 on ::1 is in use', 'SFTP_PORT: 22 on ::1 is in use'],
    ['host: a.b is no address', 'SFTP_HOST: a.b is no address'],
    ['hostKeys: /k/a is no key', 'SFTP_HOST_KEY_DIR: /k/a is no key'],
    ['hostKeys.directory: /k holds no key', 'SFTP_HOST_KEY_DIR: /k holds no key'],
    [
      'SftpModule cannot start:\n  - auth.passwords: the hashes have 9 kinds',
      'SFTP_USERS_FILE: the hashes have 9 kinds',
    ],
    [
      'FolderBackend: the option root (/x) is no directory',
      'SFTP_FOLDER_ROOT (/x) is no directory',
    ],
    ['S3Backend: the option prefix must be text', 'S3_PREFIX must be text'],
    [
      'S3Backend: the bucket "b" does not exist: make it, or set createBucket: true',
      'the bucket "b" does not exist: make it, or set S3_CREATE_BUCKET=true',
    ],
    [
      'S3Backend: http://x refused the credentials: check the option credentials, or AWS_ACCESS_KEY_ID',
      'http://x refused the credentials: check AWS_ACCESS_KEY_ID',
    ],
    [
      'S3Backend: could not be reached: check the option endpoint',
      'could not be reached: check S3_ENDPOINT',
    ],
    ['S3Backend: is elsewhere: set the option region', 'is elsewhere: set S3_REGION'],
    ['two lines:\n  - and more\n', 'two lines: - and more '],
    ['anything else, port: 22', 'anything else, port: 22'],
  ])('tells %j as %j', (message, told) => {
    expect(startProblem(new Error(message))).toBe(told);
  });

  it('tells what is no error', () => {
    expect(startProblem('out of luck')).toBe('out of luck');
  });
});
