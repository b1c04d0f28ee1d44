import { describe, expect, it } from '@jest/globals';
import { type GatewayConfig, readEnvironment } from './environment.js';
import { ConfigurationError } from './problems.js';
import type { Environment } from './variables.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g anna';

const FILES: Readonly<Record<string, string>> = {
  'users.json': '[{ "username": "anna", "password": "one" }]',
  'bad.json': '[{ "username": "anna" }, { "password": "one" }]',
  keys: `# Anna\n${KEY}\n`,
  'no-keys': '# nobody\n',
  'some-keys': `verify-required ${KEY}\nfrom="10.0.0.0/8" ${KEY}\n`,
};

function readFile(path: string): string {
  const text = FILES[path];
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return text;
}

function read(env: Environment): GatewayConfig {
  return readEnvironment(env, readFile);
}

function problemsOf(env: Environment): readonly string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('the defaults', () => {
  const defaults: GatewayConfig = {
    host: '127.0.0.1',
    port: 2222,
    httpPort: undefined,
    hostKeyDirectory: './.sftpd/host-keys',
    users: [{ username: 'dev', password: 'dev' }],
    storage: { kind: 'memory' },
    trustedProxies: [],
    maxSessions: 1000,
    maxSessionsPerAddress: 100,
    loginTimeout: 30_000,
    idleTimeout: 900_000,
    drainTimeout: 10_000,
    workers: 1,
    ingestion: undefined,
    logFormat: 'text',
    logLevel: 'info',
    warnings: [],
  };

  it('hold where nothing is set', () => {
    expect(read({})).toEqual(defaults);
  });

  it('hold where a variable is empty', () => {
    const names = ['SFTP_HOST', 'SFTP_PORT', 'SFTP_USER', 'SFTP_USERS_FILE', 'SFTP_BACKEND'];
    const more = [
      'SFTP_IDLE_TIMEOUT',
      'SFTP_WORKERS',
      'LOG_LEVEL',
      'S3_BUCKET',
      'HTTP_PORT',
      'REDIS_URL',
    ];
    const empty = [...names, ...more, 'SFTP_NONSENSE'].map((name) => [name, '']);
    expect(read(Object.fromEntries(empty) as Environment)).toEqual(defaults);
  });

  it('hold whatever else the environment holds', () => {
    expect(read({ PATH: '/bin', PORT: 'x', AWS_REGION: 'eu', MY_SFTP_PORT: 'x' })).toEqual(
      defaults,
    );
  });
});

const S3_DEFAULTS = {
  kind: 's3',
  bucket: 'b',
  prefix: '',
  region: 'us-east-1',
  forcePathStyle: false,
  createBucket: false,
} as const;

describe('a value', () => {
  it.each<[Environment, Partial<GatewayConfig>]>([
    [{ SFTP_HOST: '::1' }, { host: '::1' }],
    [{ SFTP_HOST: 'fe80::1%eth0' }, { host: 'fe80::1%eth0' }],
    [{ SFTP_HOST: 'sftp.example.org' }, { host: 'sftp.example.org' }],
    [{ SFTP_PORT: '0' }, { port: 0 }],
    [{ SFTP_PORT: '65535' }, { port: 65_535 }],
    [{ HTTP_PORT: '8080' }, { httpPort: 8080 }],
    [{ HTTP_PORT: '0' }, { httpPort: 0 }],
    [{ SFTP_HOST_KEY_DIR: '/keys' }, { hostKeyDirectory: '/keys' }],
    [
      { SFTP_USER: 'anna', SFTP_PASSWORD: ' s p ' },
      { users: [{ username: 'anna', password: ' s p ' }] },
    ],
    [
      { SFTP_AUTHORIZED_KEYS: 'keys' },
      { users: [{ username: 'dev', password: 'dev', authorizedKeys: [KEY] }] },
    ],
    [
      { SFTP_AUTHORIZED_KEYS: 'some-keys' },
      {
        users: [{ username: 'dev', password: 'dev', authorizedKeys: [`from="10.0.0.0/8" ${KEY}`] }],
      },
    ],
    [{ SFTP_USERS_FILE: 'users.json' }, { users: [{ username: 'anna', password: 'one' }] }],
    [{ SFTP_BACKEND: 'memory' }, { storage: { kind: 'memory' } }],
    [
      { SFTP_BACKEND: 'folder', SFTP_FOLDER_ROOT: 'data' },
      { storage: { kind: 'folder', root: 'data', atomicUploads: false } },
    ],
    [
      { SFTP_BACKEND: 'folder', SFTP_FOLDER_ROOT: 'data', SFTP_ATOMIC_UPLOADS: 'true' },
      { storage: { kind: 'folder', root: 'data', atomicUploads: true } },
    ],
    [
      { SFTP_BACKEND: 's3', S3_BUCKET: 'b' },
      { storage: S3_DEFAULTS, warnings: [] },
    ],
    [
      {
        SFTP_BACKEND: 's3',
        S3_BUCKET: 'b',
        S3_PREFIX: 'in/tenant a',
        S3_ENDPOINT: 'https://s3.example.org:9000',
        S3_REGION: 'eu',
        S3_FORCE_PATH_STYLE: 'true',
        S3_CREATE_BUCKET: 'true',
      },
      {
        storage: {
          kind: 's3',
          bucket: 'b',
          prefix: 'in/tenant a',
          endpoint: 'https://s3.example.org:9000',
          region: 'eu',
          forcePathStyle: true,
          createBucket: true,
        },
      },
    ],
    [
      {
        SFTP_BACKEND: 's3',
        S3_BUCKET: 'b',
        S3_PREFIX: 'session:tenant',
        SFTP_USERS_FILE: 'users.json',
      },
      { storage: { ...S3_DEFAULTS, prefix: { sessionAttribute: 'tenant' } }, warnings: [] },
    ],
    [
      { SFTP_TRUSTED_PROXIES: '10.0.0.5, 10.0.1.0/24,2001:db8::/32' },
      { trustedProxies: ['10.0.0.5', '10.0.1.0/24', '2001:db8::/32'] },
    ],
    [{ SFTP_MAX_CONNECTIONS: '5' }, { maxSessions: 5 }],
    [{ SFTP_MAX_CONNECTIONS_PER_IP: '2' }, { maxSessionsPerAddress: 2 }],
    [{ SFTP_LOGIN_TIMEOUT: '500ms' }, { loginTimeout: 500 }],
    [{ SFTP_IDLE_TIMEOUT: '2h' }, { idleTimeout: 7_200_000 }],
    [{ SFTP_DRAIN_TIMEOUT: '0s' }, { drainTimeout: 0 }],
    [{ SFTP_WORKERS: '1' }, { workers: 1 }],
    [{ SFTP_WORKERS: '64', SFTP_BACKEND: 'folder', SFTP_FOLDER_ROOT: './files' }, { workers: 64 }],
    [
      { LOG_FORMAT: 'json', LOG_LEVEL: 'debug' },
      { logFormat: 'json', logLevel: 'debug' },
    ],
  ])('is taken: %j', (env, expected) => {
    expect(read(env)).toMatchObject(expected);
  });

  it.each<[Environment, string]>([
    [
      { SFTP_HOST: '[::1]' },
      'SFTP_HOST must be an IP address (an IPv6 one without brackets) or a host name, not "[::1]"',
    ],
    [
      { SFTP_HOST: '127.0.0.256' },
      'SFTP_HOST must be an IP address (an IPv6 one without brackets) or a host name, not "127.0.0.256"',
    ],
    [
      { SFTP_HOST: 'a b' },
      'SFTP_HOST must be an IP address (an IPv6 one without brackets) or a host name, not "a b"',
    ],
    [{ SFTP_PORT: 'abc' }, 'SFTP_PORT must be a whole number from 0 to 65535, not "abc"'],
    [{ SFTP_PORT: '65536' }, 'SFTP_PORT must be a whole number from 0 to 65535, not "65536"'],
    [{ SFTP_PORT: '-1' }, 'SFTP_PORT must be a whole number from 0 to 65535, not "-1"'],
    [{ SFTP_PORT: '22.5' }, 'SFTP_PORT must be a whole number from 0 to 65535, not "22.5"'],
    [{ SFTP_PORT: '0x16' }, 'SFTP_PORT must be a whole number from 0 to 65535, not "0x16"'],
    [{ SFTP_PORT: ' 22' }, 'SFTP_PORT must be a whole number from 0 to 65535, not " 22"'],
    [{ SFTP_PORT: 'a\nb' }, 'SFTP_PORT must be a whole number from 0 to 65535, not "a\\nb"'],
    [
      { SFTP_PASSWORD: '' },
      'SFTP_PASSWORD is empty: give a password, or unset it for the default one',
    ],
    [{ SFTP_USER: 'a\nb' }, 'SFTP_USER must not hold control characters'],
    [{ SFTP_AUTHORIZED_KEYS: 'none' }, 'SFTP_AUTHORIZED_KEYS none: cannot be read (ENOENT)'],
    [{ SFTP_AUTHORIZED_KEYS: 'no-keys' }, 'SFTP_AUTHORIZED_KEYS no-keys: holds no key'],
    [{ SFTP_USERS_FILE: 'none' }, 'SFTP_USERS_FILE none: cannot be read (ENOENT)'],
    [
      { SFTP_USERS_FILE: 'users.json', SFTP_USER: 'dev' },
      'SFTP_USER has no place beside SFTP_USERS_FILE, which replaces the static user',
    ],
    [
      { SFTP_USERS_FILE: 'users.json', SFTP_PASSWORD: 'x' },
      'SFTP_PASSWORD has no place beside SFTP_USERS_FILE, which replaces the static user',
    ],
    [
      { SFTP_USERS_FILE: 'users.json', SFTP_AUTHORIZED_KEYS: 'keys' },
      'SFTP_AUTHORIZED_KEYS has no place beside SFTP_USERS_FILE, which replaces the static user',
    ],
    [{ SFTP_BACKEND: 'Memory' }, 'SFTP_BACKEND must be memory, folder or s3, not "Memory"'],
    [{ SFTP_BACKEND: 's3' }, 'SFTP_BACKEND is s3, so S3_BUCKET must name its bucket'],
    [
      { SFTP_BACKEND: 's3', S3_BUCKET: 'b/c' },
      'S3_BUCKET must be the name of a bucket, without slashes and spaces, not "b/c"',
    ],
    ...['/a', 'a//b', 'a/../b', './a', '/', 'a\nb', 'session:', 'session:a/../b'].map(
      (prefix): [Environment, string] => [
        { SFTP_BACKEND: 's3', S3_BUCKET: 'b', S3_PREFIX: prefix },
        `S3_PREFIX must be text like tenant-a/ (no leading /, no empty, . or .. segment, no control characters) or session:NAME, not ${JSON.stringify(prefix)}`,
      ],
    ),
    ...['s3.example.org:9000', 'ftp://s3.example.org', '//s3', 'http://'].map(
      (endpoint): [Environment, string] => [
        { SFTP_BACKEND: 's3', S3_BUCKET: 'b', S3_ENDPOINT: endpoint },
        `S3_ENDPOINT must be an http or https URL, not ${JSON.stringify(endpoint)}`,
      ],
    ),
    [
      { SFTP_BACKEND: 's3', S3_BUCKET: 'b', S3_FORCE_PATH_STYLE: '1' },
      'S3_FORCE_PATH_STYLE must be true or false, not "1"',
    ],
    [
      { SFTP_BACKEND: 's3', S3_BUCKET: 'b', S3_CREATE_BUCKET: 'yes' },
      'S3_CREATE_BUCKET must be true or false, not "yes"',
    ],
    [{ S3_BUCKET: 'b' }, 'S3_BUCKET is set without SFTP_BACKEND: set SFTP_BACKEND=s3 or unset it'],
    [
      { SFTP_BACKEND: 'folder' },
      'SFTP_BACKEND is folder, so SFTP_FOLDER_ROOT must name its root directory',
    ],
    [
      { SFTP_FOLDER_ROOT: 'data' },
      'SFTP_FOLDER_ROOT is set without SFTP_BACKEND: set SFTP_BACKEND=folder or unset it',
    ],
    [{ SFTP_ATOMIC_UPLOADS: 'yes' }, 'SFTP_ATOMIC_UPLOADS must be true or false, not "yes"'],
    [
      { SFTP_MAX_CONNECTIONS: '0' },
      'SFTP_MAX_CONNECTIONS must be a whole number from 1 to 1000000, not "0"',
    ],
    [
      { SFTP_MAX_CONNECTIONS_PER_IP: '1e3' },
      'SFTP_MAX_CONNECTIONS_PER_IP must be a whole number from 1 to 1000000, not "1e3"',
    ],
    [
      { SFTP_LOGIN_TIMEOUT: '0s' },
      'SFTP_LOGIN_TIMEOUT must be a duration above zero such as 500ms, 30s, 15m or 2h (at most 24d), not "0s"',
    ],
    [
      { SFTP_IDLE_TIMEOUT: '900' },
      'SFTP_IDLE_TIMEOUT must be a duration above zero such as 500ms, 30s, 15m or 2h (at most 24d), not "900"',
    ],
    [
      { SFTP_DRAIN_TIMEOUT: '1y' },
      'SFTP_DRAIN_TIMEOUT must be a duration such as 500ms, 30s, 15m or 2h (at most 24d), not "1y"',
    ],
    [
      { SFTP_WORKERS: '4' },
      'SFTP_WORKERS is 4, but each worker would have files of its own in memory: set SFTP_BACKEND to folder or s3, or SFTP_WORKERS to 1',
    ],
    [
      { SFTP_TRUSTED_PROXIES: '10.0.0.5,10.0.0.0/33' },
      'SFTP_TRUSTED_PROXIES must be IP addresses and networks such as 10.0.0.5,10.0.1.0/24, with commas between them; "10.0.0.0/33" is neither',
    ],
    [{ SFTP_WORKERS: 'many' }, 'SFTP_WORKERS must be a whole number from 1 to 64, not "many"'],
    [{ SFTP_WORKERS: '0' }, 'SFTP_WORKERS must be a whole number from 1 to 64, not "0"'],
    [{ SFTP_WORKERS: '65' }, 'SFTP_WORKERS must be a whole number from 1 to 64, not "65"'],
    [{ SFTP_WORKERS: '2.5' }, 'SFTP_WORKERS must be a whole number from 1 to 64, not "2.5"'],
    [{ LOG_FORMAT: 'xml' }, 'LOG_FORMAT must be text or json, not "xml"'],
    [
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL must be fatal, error, warn, info, debug or verbose, not "loud"',
    ],
    [{ HTTP_PORT: 'x' }, 'HTTP_PORT must be a whole number from 0 to 65535, not "x"'],
    [{ HTTP_PORT: '70000' }, 'HTTP_PORT must be a whole number from 0 to 65535, not "70000"'],
    [
      { SFTP_PASWORD: 'secret' },
      'SFTP_PASWORD is not a variable of this gateway: did you mean SFTP_PASSWORD?',
    ],
    [{ S3_XYZZY_PLUGH: 'x' }, 'S3_XYZZY_PLUGH is not a variable of this gateway: unset it'],
  ])('is refused: %j', (env, problem) => {
    expect(problemsOf(env)).toEqual([problem]);
  });

  it('that is too long is not repeated whole', () => {
    const [problem = ''] = problemsOf({ SFTP_PORT: '9'.repeat(5000) });
    expect(problem.length).toBeLessThan(150);
  });
});

describe('problems', () => {
  it('are told all at once, with those of the users file', () => {
    const problems = problemsOf({
      SFTP_USERS_FILE: 'bad.json',
      SFTP_PORT: 'x',
      SFTP_BACKEND: 'folder',
      SFTP_COLOUR: 'red',
      LOG_LEVEL: 'loud',
    });
    expect(problems.map((line) => line.split(/[ :]/)[0])).toEqual([
      'SFTP_COLOUR',
      'SFTP_PORT',
      'SFTP_USERS_FILE',
      'SFTP_USERS_FILE',
      'SFTP_BACKEND',
      'LOG_LEVEL',
    ]);
    expect(problems).toContain('SFTP_USERS_FILE bad.json: user #2 has no username');
  });

  it('never hold a password', () => {
    const env = { SFTP_PASSWORD: 'hunter2', SFTP_USERS_FILE: 'none', REDIS_URL: 'hunter2' };
    const problems = problemsOf({ ...env, SFTP_PASS: 'hunter2' });
    expect(problems).toHaveLength(4);
    expect(problems.join()).not.toContain('hunter2');
  });
});

describe('a warning', () => {
  const defaultPassword = (host: string) =>
    `The default password stands while the server listens on ${host}: set SFTP_PASSWORD or SFTP_USERS_FILE`;

  it.each<[Environment, string]>([
    [{ SFTP_HOST: '0.0.0.0' }, defaultPassword('0.0.0.0')],
    [{ SFTP_HOST: '::' }, defaultPassword('::')],
    [{ SFTP_HOST: 'example.org', SFTP_USER: 'anna' }, defaultPassword('example.org')],
    [{ SFTP_HOST: '10.0.0.1', SFTP_PASSWORD: 'dev' }, defaultPassword('10.0.0.1')],
    [
      { SFTP_BACKEND: 'memory', SFTP_FOLDER_ROOT: 'data' },
      'SFTP_FOLDER_ROOT has no effect with SFTP_BACKEND=memory: files are kept in memory',
    ],
    [
      { SFTP_ATOMIC_UPLOADS: 'true' },
      'SFTP_ATOMIC_UPLOADS has no effect without SFTP_BACKEND=folder',
    ],
    [
      { SFTP_BACKEND: 's3', S3_BUCKET: 'b', SFTP_FOLDER_ROOT: 'data' },
      'SFTP_FOLDER_ROOT has no effect with SFTP_BACKEND=s3: files are kept in S3_BUCKET',
    ],
    [
      { SFTP_BACKEND: 's3', S3_BUCKET: 'b', SFTP_ATOMIC_UPLOADS: 'true' },
      'SFTP_ATOMIC_UPLOADS has no effect without SFTP_BACKEND=folder',
    ],
    [
      { SFTP_BACKEND: 'memory', S3_BUCKET: 'b' },
      'S3_BUCKET has no effect with SFTP_BACKEND=memory: files are kept in memory',
    ],
    [
      { SFTP_BACKEND: 'folder', SFTP_FOLDER_ROOT: 'data', S3_BUCKET: 'b' },
      'S3_BUCKET has no effect with SFTP_BACKEND=folder: files are kept in SFTP_FOLDER_ROOT',
    ],
    ...Object.entries({
      S3_PREFIX: 'a/',
      S3_ENDPOINT: 'http://s3',
      S3_REGION: 'eu',
      S3_FORCE_PATH_STYLE: 'true',
      S3_CREATE_BUCKET: 'true',
    }).map(([name, value]): [Environment, string] => [
      { [name]: value },
      `${name} has no effect without SFTP_BACKEND=s3`,
    ]),
    [
      { SFTP_AUTHORIZED_KEYS: 'some-keys' },
      'SFTP_AUTHORIZED_KEYS some-keys: line 1 cannot be used: the option verify-required cannot be honoured: ' +
        'keys of FIDO authenticators are not supported',
    ],
    [
      { SFTP_BACKEND: 's3', S3_BUCKET: 'b', S3_PREFIX: 'session:tenant' },
      'S3_PREFIX=session:tenant refuses everyone without SFTP_USERS_FILE: only its users have attributes',
    ],
  ])('is given for %j', (env, warning) => {
    expect(read(env).warnings).toEqual([warning]);
  });

  it.each<Environment>([
    { SFTP_HOST: 'localhost' },
    { SFTP_HOST: '127.1.2.3' },
    { SFTP_HOST: '::1' },
    { SFTP_HOST: '0.0.0.0', SFTP_PASSWORD: 'a better one' },
    { SFTP_HOST: '0.0.0.0', SFTP_USERS_FILE: 'users.json' },
    { SFTP_ATOMIC_UPLOADS: 'false' },
    { S3_FORCE_PATH_STYLE: 'false', S3_CREATE_BUCKET: 'false' },
  ])('is not given for %j', (env) => {
    expect(read(env).warnings).toEqual([]);
  });
});
