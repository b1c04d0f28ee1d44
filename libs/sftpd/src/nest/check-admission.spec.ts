import { describe, expect, it } from '@jest/globals';

import { MemoryPlacesStore } from '../server/admission/memory-places-store.js';
import { admissionProblems } from './check-admission.js';

describe('admissionProblems', () => {
  it.each([
    {},
    { access: {} },
    { access: { allow: ['10.0.0.0/8', '2001:db8::/32'], deny: [] } },
    { lockout: false },
    { lockout: { maxFailures: 5, exempt: ['192.0.2.7'] } },
    { lockout: { store: { fail: () => 0, lockedFor: () => 0, forgive: () => undefined } } },
    { placesStore: new MemoryPlacesStore() },
    { proxyProtocol: { trusted: ['10.0.0.5'] } },
  ] as const)('none with %j', (options) => {
    expect(admissionProblems(options)).toEqual([]);
  });

  it.each([
    ['access', []],
    ['access', 'all'],
    ['access.alow', { alow: ['10.0.0.1'] }],
    ['access.allow', { allow: '10.0.0.1' }],
    ['access.allow', { allow: [] }],
    ['access.allow[1]', { allow: ['10.0.0.1', '10.0.0.0/33'] }],
    ['access.deny[0]', { deny: ['example.com'] }],
    ['lockout', true],
    ['lockout.maxFailure', { maxFailure: 3 }],
    ['lockout.maxFailures', { maxFailures: 0 }],
    ['lockout.lockTime', { lockTime: 1.5 }],
    ['lockout.maxLockTime', { lockTime: 7_200_000 }],
    ['lockout.exempt[0]', { exempt: [7] }],
    ['lockout.store', { store: { fail: () => 0 } }],
    ['lockout.store', { store: 'redis' }],
    ['lockout.store', { store: null }],
    ['placesStore', { take: () => undefined }],
    ['placesStore', 'redis'],
    ['placesStore', null],
    ['proxyProtocol', {}],
    ['proxyProtocol', null],
    ['proxyProtocol.trusted', { trusted: [] }],
    ['proxyProtocol.trusted[0]', { trusted: ['10.0.0.5/x'] }],
    ['proxyProtocol.trust', { trusted: ['10.0.0.5'], trust: true }],
  ])('%s is named: %j', (option, value) => {
    const [name = ''] = option.split(/[.[]/, 1);
    const problems = admissionProblems({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(`${option}: `)).toBe(true);
  });

  it('names the entry', () => {
    const [problem] = admissionProblems({ access: { deny: ['10.0.0.0/33'] } });
    expect(problem).toContain('"10.0.0.0/33"');
  });
});
