import { describe, expect, it } from '@jest/globals';

import { algorithmsProblems } from './check-algorithms.js';

describe('algorithmsProblems', () => {
  it.each([
    undefined,
    'modern',
    'legacy',
    {},
    { kex: ['curve25519-sha256'], serverHostKey: ['ssh-rsa'] },
    { cipher: ['3des-cbc'], hmac: ['hmac-md5'] },
  ])('finds nothing wrong with %j', (value) => {
    expect(algorithmsProblems(value)).toEqual([]);
  });

  it.each(['ancient', 1, null, [], true])('wants a policy or lists, not %j', (value) => {
    expect(algorithmsProblems(value)).toEqual([
      "algorithms: must be 'modern', 'legacy' or an object with any of the lists kex, serverHostKey, cipher, hmac",
    ]);
  });

  it('names option, name and what is supported', () => {
    const [problem, ...more] = algorithmsProblems({ cipher: ['aes128-ctr', 'aes128-cfb'] });
    expect(more).toEqual([]);
    expect(problem).toMatch(
      /^algorithms\.cipher: "aes128-cfb" is not supported\. Supported are .*\baes256-ctr\b/,
    );
  });

  it('knows that ssh2 has no group exchange as a server, though it takes the names', () => {
    const [problem] = algorithmsProblems({ kex: ['diffie-hellman-group-exchange-sha256'] });
    expect(problem).toMatch(/"diffie-hellman-group-exchange-sha256" is not supported/);
    expect(problem).not.toMatch(/Supported are .*group-exchange/);
  });

  it.each([
    [{ kex: [] }, /^algorithms\.kex: must be a list with at least one name/],
    [{ hmac: 'hmac-sha2-256' }, /^algorithms\.hmac: must be a list/],
    [{ cipher: ['aes128-ctr', 'aes128-ctr'] }, /^algorithms\.cipher: holds "aes128-ctr" twice$/],
    [{ cipher: [7] }, /^algorithms\.cipher: number is not supported/],
    [{ compress: ['zlib'] }, /^algorithms\.compress: is no option/],
  ])('%j is told in one line', (value, problem) => {
    const problems = algorithmsProblems(value);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});
