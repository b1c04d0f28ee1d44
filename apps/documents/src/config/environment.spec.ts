import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, type Environment, readEnvironment } from './environment.js';

const DATABASE_URL = 'postgresql://me:secret@localhost/documents';

function problemsOf(env: Environment): readonly string[] {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('readEnvironment', () => {
  it('needs nothing but the database, and fills in the defaults', () => {
    expect(readEnvironment({ DATABASE_URL, MAX_UPLOADS: '' })).toEqual({
      databaseUrl: DATABASE_URL,
      poolSize: 12,
      maxUploads: 8,
      uploadWait: 10_000,
      http: { host: '127.0.0.1', port: 3000 },
      sftp: { host: '127.0.0.1', port: 2222 },
      hostKeyDirectory: './.sftpd/host-keys',
      users: [{ username: 'dev', password: 'dev' }],
      drainTimeout: 10_000,
    });
  });

  it('takes what is given', () => {
    const config = readEnvironment({
      DATABASE_URL,
      DATABASE_POOL_SIZE: '3',
      MAX_UPLOADS: '2',
      UPLOAD_WAIT_SECONDS: '0',
      HTTP_HOST: '::',
      HTTP_PORT: '80',
      SFTP_HOST: '0.0.0.0',
      SFTP_PORT: '0',
      SFTP_USER: 'anna',
      SFTP_PASSWORD: 'x',
      SFTP_HOST_KEY_DIR: '/keys',
      DRAIN_SECONDS: '5',
    });
    expect(config).toMatchObject({
      poolSize: 3,
      maxUploads: 2,
      uploadWait: 0,
      http: { host: '::', port: 80 },
      sftp: { host: '0.0.0.0', port: 0 },
      hostKeyDirectory: '/keys',
      users: [{ username: 'anna', password: 'x' }],
      drainTimeout: 5000,
    });
  });

  it('tells every problem at once, and never the URL', () => {
    const problems = problemsOf({
      DATABASE_URL: 'mysql://me:secret@db',
      SFTP_PORT: '-1',
      HTTP_PORT: 'x',
    });
    expect(problems).toEqual([
      'DATABASE_URL must be set, to postgresql://USER:PASSWORD@HOST:PORT/DATABASE',
      'HTTP_PORT must be a whole number from 0 to 65535, not "x"',
      'SFTP_PORT must be a whole number from 0 to 65535, not "-1"',
    ]);
  });

  it('wants a password of your own when others than this machine may come in', () => {
    expect(problemsOf({ DATABASE_URL, HTTP_HOST: '0.0.0.0' })).toEqual([
      'SFTP_PASSWORD must be set, as HTTP_HOST lets others than this machine in',
    ]);
    expect(problemsOf({ DATABASE_URL, HTTP_HOST: '0.0.0.0', SFTP_PASSWORD: 'x' })).toEqual([]);
  });

  it('leaves at least one connection to all that is no upload', () => {
    const problems = problemsOf({ DATABASE_URL, MAX_UPLOADS: '5', DATABASE_POOL_SIZE: '5' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^DATABASE_POOL_SIZE must be greater than MAX_UPLOADS/);
  });
});
