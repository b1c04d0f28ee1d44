import { describe, expect, it } from '@jest/globals';

import type { SftpAuthenticator } from '../auth/authenticator.js';
import type { SftpBackend } from '../filesystem/backend.js';
import { checkAuthenticator } from './check-authenticator.js';
import { checkOptions, type ProvidedElsewhere } from './check-options.js';
import { SftpOptionsError } from './sftp-options.error.js';
import type { SftpModuleOptions } from './sftp-module-options.js';

const refuse = (): never => {
  throw new Error('not called');
};
const BACKEND: SftpBackend = {
  listDir: refuse,
  fileInfo: refuse,
  openFile: refuse,
  makeDir: refuse,
  delDir: refuse,
  delete: refuse,
  rename: refuse,
};
const AUTH = { passwords: [{ username: 'ann', password: 'x' }] };
const GOOD: SftpModuleOptions = { hostKeys: { directory: 'keys' }, auth: AUTH, backend: BACKEND };

function problemsOf(options: unknown, elsewhere?: ProvidedElsewhere): string[] {
  try {
    checkOptions(options as SftpModuleOptions, elsewhere);
  } catch (error) {
    if (error instanceof SftpOptionsError) return [...error.problems];
    throw error;
  }
  return [];
}

const LIMITS = {
  port: [0, 65_535],
  umask: [0, 0o777],
  maxSessions: [1, Number.MAX_SAFE_INTEGER],
  maxSessionsPerAddress: [1, Number.MAX_SAFE_INTEGER],
  maxChannels: [1, 10_000],
  maxHandles: [1, 1_000_000],
  maxAuthAttempts: [1, 1000],
  maxBufferedBytes: [524_288, 1_073_741_824],
  loginTimeout: [1, 2_147_483_647],
  idleTimeout: [1, 2_147_483_647],
  openTimeout: [1, 2_147_483_647],
  closeTimeout: [1, 2_147_483_647],
  requestTimeout: [1, 2_147_483_647],
  drainTimeout: [0, 2_147_483_647],
} as const;

describe('checkOptions', () => {
  it('fills in the defaults that the options document', () => {
    expect(checkOptions(GOOD)).toEqual({
      ...GOOD,
      port: 22,
      umask: 0o022,
      maxSessions: 1000,
      maxSessionsPerAddress: 100,
      maxSessionsPerUser: 100,
      maxPendingLogins: 200,
      maxChannels: 10,
      maxHandles: 1024,
      maxRequestsInFlight: 1024,
      maxPacketBytes: 262_144,
      maxPathBytes: 4096,
      maxNameBytes: 1024,
      maxAuthAttempts: 6,
      maxBufferedBytes: 2_097_152,
      maxBufferedBytesPerConnection: 16_777_216,
      maxBufferedBytesTotal: 268_435_456,
      maxReceiveWindow: 16_777_216,
      maxReceiveWindowTotal: 134_217_728,
      busyPoll: 200,
      helloTimeout: 10_000,
      keyExchangeTimeout: 15_000,
      loginTimeout: 30_000,
      idleTimeout: 900_000,
      openTimeout: 30_000,
      closeTimeout: 30_000,
      requestTimeout: 30_000,
      gateTimeout: 60_000,
      drainTimeout: 10_000,
      rekeyBytes: 1_073_741_824,
      rekeyInterval: 3_600_000,
      keepAliveInterval: 15_000,
      keepAliveCount: 3,
    });
  });

  it('keeps what is given, takes undefined for left out, and changes nothing of its input', () => {
    const options = Object.freeze({
      ...GOOD,
      port: 0,
      umask: 0,
      host: '::1',
      maxHandles: undefined,
    });
    const checked = checkOptions(options as unknown as SftpModuleOptions);
    expect(checked).toMatchObject({ port: 0, umask: 0, host: '::1', maxHandles: 1024 });
    expect(checked.backend).toBe(BACKEND);
  });

  describe.each(Object.entries(LIMITS))('%s', (name, [min, max]) => {
    it.each([min, max])('may be %i', (value) => {
      expect(checkOptions({ ...GOOD, [name]: value })).toHaveProperty(name, value);
    });

    it.each([min - 1, max + 1, min + 0.5, NaN, Infinity, String(min), null, true, 5n])(
      'may not be %p',
      (value) => {
        expect(problemsOf({ ...GOOD, [name]: value })).toEqual([
          `${name}: must be a whole number from ${min} to ${max}`,
        ]);
      },
    );
  });

  it.each([
    ['options: an object', undefined],
    ['options: an object', null],
    ['options: an object', 'x'],
    ['hostKeys: is missing. Give { directory:', { ...GOOD, hostKeys: undefined }],
    ['hostKeys: is missing. Give { directory:', { ...GOOD, hostKeys: './keys' }],
    ['hostKeys.path: is no option. Known are directory,', { ...GOOD, hostKeys: { path: 'x' } }],
    ['auth: is missing. Give { passwords:', { ...GOOD, auth: undefined }],
    ['auth: is missing. Give { passwords:', { ...GOOD, auth: null }],
    ['auth.passwords: must be a list with', { ...GOOD, auth: { passwords: [] } }],
    ['auth.passwords: must be a list with', { ...GOOD, auth: { passwords: {} } }],
    [
      'auth.password: is no option. Known are passwords',
      { ...GOOD, auth: { ...AUTH, password: 1 } },
    ],
    ['backend: is missing. Give one', { ...GOOD, backend: null }],
    ['host: must be an address', { ...GOOD, host: '' }],
    ['host: must be an address', { ...GOOD, host: 5 }],
    ['hots: is no option. Known are port, umask,', { ...GOOD, hots: '::' }],
  ])('says "%s ..." where that is the matter', (start, options) => {
    const problems = problemsOf(options);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(start)).toBe(true);
  });

  it('names all problems at once', () => {
    const problems = problemsOf({ port: -1, timeout: 5 });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'timeout',
      'hostKeys',
      'auth',
      'backend',
      'port',
    ]);
    expect(() => checkOptions({ port: -1 } as SftpModuleOptions)).toThrow(
      /^SftpModule cannot start:\n {2}- hostKeys: .*\n {2}- auth: .*\n {2}- backend: .*\n {2}- port: /,
    );
  });

  it('leaves it to the registry to tell that a backend is all that is missing', () => {
    const { backend: _backend, ...others } = GOOD;
    expect(problemsOf(others)).toEqual([]);
    expect(problemsOf({ ...others, port: -1 })).toHaveLength(2);
    const elsewhere = { backend: false, auth: false };
    expect(problemsOf({ ...others, port: -1, mounts: { '/a': BACKEND } })).toHaveLength(1);
    expect(problemsOf({ ...others, port: -1 }, { ...elsewhere, storage: true })).toHaveLength(1);
  });

  it.each([
    ['backend: the name of a backend must not be empty', { backend: '' }],
    ['backend: what was given is no SftpBackend, nor', { backend: 5 }],
    ["backend: { sessionAttribute: '...' } takes", { backend: { sessionAttribute: '' } }],
    ["backend: { sessionAttribute: '...' } takes", { backend: { sessionAttribute: 'a', b: 1 } }],
    ['backend: { useResolver: ... } takes', { backend: { useResolver: 'a' } }],
    ['backends: must be an object', { backends: [] }],
    ['backends: the name of a backend must not be empty', { backends: { '': BACKEND } }],
    ['backends["a"]: what was given is no SftpBackend', { backends: { a: 'b' } }],
    ['backends["a"]: what was given is no SftpBackend', { backends: { a: () => BACKEND } }],
    ['mounts: must be an object', { mounts: null }],
    ['mounts["/a"]: what was given is no SftpBackend', { mounts: { '/a': 5 } }],
    ['mounts["/a"]: what was given is no SftpBackend', { mounts: { '/a': () => 'x' } }],
    ['mounts["inbox"]: the path must be an absolute path', { mounts: { inbox: BACKEND } }],
    ['mounts["/in/../out/"]: the path must be an absolute', { mounts: { '/in/../out/': BACKEND } }],
    ['discover: must be true or false', { discover: 'no' }],
    ['logUploads: must be true or false', { logUploads: 'debug' }],
    ['openFiles: must be an object', { openFiles: 5 }],
    ['openFiles.maxFiles: is no option. Known are temp', { openFiles: { maxFiles: 5 } }],
    ['openFiles.temporaryDirectory: must be', { openFiles: { temporaryDirectory: '' } }],
    ['openFiles.maxWholeFileBytes: must be a whole', { openFiles: { maxWholeFileBytes: -1 } }],
    ['openFiles.maxWholeFileBytes: must be a whole', { openFiles: { maxWholeFileBytes: 2 ** 53 } }],
    ['openFiles.maxReadAheadBytes: must be a whole', { openFiles: { maxReadAheadBytes: 0.5 } }],
  ])('says "%s ..." of the options of backends', (start, options) => {
    const problems = problemsOf({ ...GOOD, ...options });
    expect(problems).toEqual([expect.stringMatching(/^/)]);
    expect(problems[0]).toContain(start);
  });

  it('never shows what an option holds', () => {
    const secret = 'hunter2';
    const problems = problemsOf({
      hostKeys: secret,
      host: 5,
      port: secret,
      auth: { passwords: [], extra: secret },
      backend: BACKEND,
    });
    expect(problems.length).toBeGreaterThan(2);
    expect(problems.join()).not.toContain(secret);
  });

  it('does without backend and auth that are provided elsewhere, and refuses them twice', () => {
    const elsewhere = { backend: true, auth: true };
    const { hostKeys } = GOOD;
    expect(checkOptions({ hostKeys }, elsewhere)).toMatchObject({ hostKeys, port: 22 });
    expect(problemsOf(GOOD, elsewhere)).toEqual([
      'auth: is given twice; keep the one of forRootAsync or the one of the options',
      'backend: is given twice; keep the one of forRootAsync or the one of the options',
    ]);
  });
});

describe('checkAuthenticator', () => {
  it.each<SftpAuthenticator>([
    { authenticatePassword: () => true },
    { authorizePublicKey: () => true },
  ])('passes on an authenticator with %p', (authenticator) => {
    expect(checkAuthenticator(authenticator)).toBe(authenticator);
  });

  it.each([undefined, null, {}, 5])('refuses %p', (value) => {
    expect(() => checkAuthenticator(value as never)).toThrow(SftpOptionsError);
  });
});
