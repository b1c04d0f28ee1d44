import { describe, expect, it } from '@jest/globals';
import { messageWithCauses } from './message-with-causes.js';

describe('messageWithCauses', () => {
  it('tells what was thrown, whatever it is', () => {
    expect(messageWithCauses(new Error('no'))).toBe('no');
    expect(messageWithCauses({ code: 1 })).toBe('{ code: 1 }');
    expect(messageWithCauses(undefined)).toBe('');
  });

  it('adds the causes that the message does not tell itself', () => {
    const cause = new Error('the attribute is missing');
    const denied = new Error('Permission denied', { cause });
    expect(messageWithCauses(denied)).toBe('Permission denied: the attribute is missing');
    const wrapped = new Error('option backend: Permission denied', { cause: denied });
    expect(messageWithCauses(wrapped)).toBe(
      'option backend: Permission denied: the attribute is missing',
    );
  });

  it('comes to an end with a ring', () => {
    const one = new Error('one');
    one.cause = new Error('two', { cause: one });
    expect(messageWithCauses(one)).toBe('one: two');
  });
});
