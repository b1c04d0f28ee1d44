import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { UsageError } from './errors.js';
import { defaultHostKeyDirectory, readSettings, type ServeFlags } from './settings.js';

const FLAGS: ServeFlags = { host: '127.0.0.1', port: 2222 };

describe('readSettings', () => {
  it('fills in the defaults', () => {
    expect(readSettings('./dir', FLAGS, { XDG_CONFIG_HOME: '/config' })).toEqual({
      storage: { kind: 'folder', root: './dir', atomicUploads: false },
      host: '127.0.0.1',
      port: 2222,
      user: userInfo().username,
      passwordFile: undefined,
      authorizedKeys: [],
      readOnly: false,
      hostKeys: '/config/nestjs-sftpd/host-keys',
      algorithms: 'modern',
    });
  });

  it('takes what is given', () => {
    const given = {
      user: 'me',
      passwordFile: 'p',
      authorizedKeys: ['a', 'b'],
      readOnly: true,
      hostKeys: 'k',
    };
    expect(readSettings('./dir', { ...FLAGS, ...given, legacy: true }, {})).toMatchObject({
      ...given,
      algorithms: 'legacy',
    });
  });

  it.each([
    [{ host: '' }, '--host is empty'],
    [{ passwordFile: '' }, '--password-file is empty'],
    [{ hostKeys: '' }, '--host-keys is empty'],
    [{ authorizedKeys: ['a', ''] }, '--authorized-keys is empty'],
    [{ user: '' }, '--user must be a name'],
    [{ user: 'a\nb' }, '--user must be a name'],
    [{ user: 'x'.repeat(1025) }, '--user must be a name'],
  ])('refuses %j', (flags, message) => {
    const read = (): unknown => readSettings('./dir', { ...FLAGS, ...flags }, {});
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });
});

describe('where the host keys are', () => {
  it.each([undefined, '', 'relative'])('with XDG_CONFIG_HOME=%s', (given) => {
    const env = given === undefined ? {} : { XDG_CONFIG_HOME: given };
    expect(defaultHostKeyDirectory(env)).toBe(
      path.join(homedir(), '.config', 'nestjs-sftpd', 'host-keys'),
    );
  });
});
