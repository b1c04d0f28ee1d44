import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './problems.js';
import { parseUsersFile } from './users-file.js';

const HASH = `$scrypt$ln=15,r=8,p=1$c2FsdHNhbHQ$${'a'.repeat(43)}`;
const BCRYPT = `$2y$12$${'a'.repeat(53)}`;
const ARGON2 = `$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$${'a'.repeat(43)}`;
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g';

/** The problem lines of a users file with this content. */
function problemsOf(content: unknown): readonly string[] {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  try {
    parseUsersFile(text, 'users.json');
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseUsersFile', () => {
  it('gives the users as they are written', () => {
    const users = [
      { username: 'anna', password: 'one' },
      { username: 'bob', passwordHash: HASH, attributes: { tenant: 'b', quota: [1, 2] } },
      { username: 'carl', authorizedKeys: [`${KEY} carl`, `from="10.0.0.0/8" ${KEY}`] },
      { username: 'emil', passwordHash: BCRYPT },
      { username: 'fred', passwordHash: ARGON2 },
      { username: 'dora d.@x', password: ' ', authorizedKeys: [] },
    ];
    expect(parseUsersFile(JSON.stringify(users), 'users.json')).toEqual(users);
  });

  it('reads a file that starts with a byte order mark', () => {
    const text = '\uFEFF[{"username":"anna","password":"one"}]';
    expect(parseUsersFile(text, 'users.json')).toEqual([{ username: 'anna', password: 'one' }]);
  });

  it.each([
    ['text that is not JSON', 'users', 'users.json: is not valid JSON'],
    ['an empty file', '', 'users.json: is not valid JSON'],
    ['a cut file', '[{"username":', 'users.json: is not valid JSON'],
    ['an object', {}, 'users.json: must hold a JSON array of users'],
    ['null', null, 'users.json: must hold a JSON array of users'],
    ['no user', [], 'users.json: holds no user, so no one could log in'],
    ['a name for a user', ['anna'], 'users.json: user #1 must be a JSON object'],
    ['null for a user', [null], 'users.json: user #1 must be a JSON object'],
    ['a list for a user', [[]], 'users.json: user #1 must be a JSON object'],
    ['no username', [{ password: 'x' }], 'users.json: user #1 has no username'],
    [
      'an empty username',
      [{ username: '', password: 'x' }],
      'users.json: user #1 must have a username that is a string, not empty and without control characters',
    ],
    [
      'a number as username',
      [{ username: 7, password: 'x' }],
      'users.json: user #1 must have a username that is a string, not empty and without control characters',
    ],
    [
      'a line break in a username',
      [{ username: 'a\nb', password: 'x' }],
      'users.json: user #1 must have a username that is a string, not empty and without control characters',
    ],
    [
      'an empty password',
      [{ username: 'a', password: '' }],
      'users.json: user #1 must have a password that is a string and not empty',
    ],
    [
      'null as password',
      [{ username: 'a', password: null }],
      'users.json: user #1 must have a password that is a string and not empty',
    ],
    [
      'a hash of another kind',
      [{ username: 'a', passwordHash: '$5$abc' }],
      'users.json: user #1 cannot be used: passwordHash must look like $scrypt$ln=15,r=8,p=1$salt$hash, ' +
        '$2b$12$... (bcrypt) or $argon2id$v=19$m=65536,t=3,p=4$salt$hash',
    ],
    [
      'a hash that costs too much',
      [{ username: 'a', passwordHash: BCRYPT.replace('12', '31') }],
      'users.json: user #1 cannot be used: passwordHash has the bcrypt cost 31; 4 to 15 are taken',
    ],
    [
      'password and hash',
      [{ username: 'a', password: 'x', passwordHash: HASH }],
      'users.json: user #1 has both password and passwordHash: keep one of them',
    ],
    [
      'keys that are no list',
      [{ username: 'a', password: 'x', authorizedKeys: 'ssh-ed25519 AAAA' }],
      'users.json: user #1 must have authorizedKeys that are an array of lines of an authorized_keys file',
    ],
    [
      'null as keys',
      [{ username: 'a', password: 'x', authorizedKeys: null }],
      'users.json: user #1 must have authorizedKeys that are an array of lines of an authorized_keys file',
    ],
    [
      'a key of two lines',
      [{ username: 'a', authorizedKeys: [KEY, `${KEY}\n${KEY}`] }],
      'users.json: user #1 cannot be used: authorizedKeys[1]: it is more than one line',
    ],
    [
      'a comment for a key',
      [{ username: 'a', authorizedKeys: ['# none'] }],
      'users.json: user #1 must have in authorizedKeys[0] one line that is a key',
    ],
    [
      'a key with an option that the server cannot honour',
      [{ username: 'a', authorizedKeys: [`verify-required ${KEY}`] }],
      'users.json: user #1 cannot be used: authorizedKeys[0]: the option verify-required cannot be honoured: ' +
        'keys of FIDO authenticators are not supported',
    ],
    [
      'attributes that are no object',
      [{ username: 'a', password: 'x', attributes: ['x'] }],
      'users.json: user #1 must have attributes that are a JSON object',
    ],
    [
      'a user who could not log in',
      [{ username: 'a', authorizedKeys: [] }],
      'users.json: user #1 has neither password, passwordHash nor authorizedKeys, so it could not log in',
    ],
    [
      'an unknown key',
      [{ username: 'a', password: 'x', home: '/a' }],
      'users.json: user #1 has an unknown key "home"; the keys are username, password, passwordHash, authorizedKeys, attributes',
    ],
    [
      'two users of one name',
      [
        { username: 'a', password: 'x' },
        { username: 'b', password: 'x' },
        { username: 'a', password: 'y' },
      ],
      'users.json: user #3 has the same username, "a", as user #1',
    ],
  ])('refuses %s', (_what, content, problem) => {
    expect(problemsOf(content)).toEqual([problem]);
  });

  it('tells every problem of every user', () => {
    const problems = problemsOf([
      { username: 'a', passwrd: 'x' },
      { username: 'b', password: 'x' },
      { username: 'b', authorizedKeys: [] },
    ]);
    expect(problems.map((line) => line.slice('users.json: user '.length, 24))).toEqual([
      '#1 has ',
      '#1 has ',
      '#3 has ',
      '#3 has ',
    ]);
  });

  it('tells where JSON goes wrong', () => {
    expect(problemsOf('[\n  { "username": "a" "password": "x" }\n]')).toEqual([
      'users.json: is not valid JSON (line 2, column 21)',
    ]);
  });

  it.each([
    '[{ "username": "a", "password": "hunter2" ]',
    '[{ "username": "a", "password": hunter2 }]',
    [{ username: 'a', passwordHash: 'hunter2' }],
    [{ username: 'a', password: ['hunter2'] }],
    [{ username: 'a', password: 'hunter2', passwordHash: 'hunter2', authorizedKeys: 'hunter2' }],
  ])('never tells a secret of %j', (content) => {
    const problems = problemsOf(content);
    expect(problems).not.toEqual([]);
    expect(problems.join()).not.toContain('hunter2');
  });
});
