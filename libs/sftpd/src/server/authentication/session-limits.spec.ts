import { describe, expect, it } from '@jest/globals';

import { sessionLimitProblems } from './session-limits.js';

describe('sessionLimitProblems', () => {
  it('finds nothing wrong with limits in their ranges, all or none', () => {
    expect(sessionLimitProblems({})).toEqual([]);
    expect(
      sessionLimitProblems({
        maxSessionsPerUser: 1,
        maxChannels: 10,
        maxHandles: 1000,
        maxRequestsInFlight: 1,
        maxBufferedBytes: 2 ** 20,
        idleTimeout: 2 ** 31 - 1,
      }),
    ).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['maxHandles', 0],
    ['maxHandles', -1],
    ['maxHandles', 1.5],
    ['maxHandles', Number.NaN],
    ['maxHandles', '5'],
    ['maxHandles', null],
    ['maxChannels', Infinity],
    ['maxBufferedBytes', 1000],
    // A timer with more would fire at once.
    ['idleTimeout', 2 ** 31],
  ])('names %s when it is %p', (name, value) => {
    expect(sessionLimitProblems({ [name]: value })).toEqual([
      expect.stringMatching(`^${name}: must be a whole number`),
    ]);
  });

  it.each(['constructor', '__proto__x', 'maxUploads'])('does not know %s', (name) => {
    expect(sessionLimitProblems({ [name]: 1 })).toEqual([expect.stringContaining('is no limit')]);
  });

  it.each([null, undefined, 5, []])('wants an object, not %p', (limits) => {
    expect(sessionLimitProblems(limits)).toHaveLength(1);
  });
});
