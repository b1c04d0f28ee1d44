import { describe, expect, it } from '@jest/globals';

import { ConnectionTally } from './connection-tally.js';

const END = {
  username: 'ann',
  channels: 1,
  requests: 12,
  bytesIn: 300,
  bytesOut: 400,
  unsentBytes: 0,
};

function tallyOf(...messages: (readonly [type: number, count: number])[]): ConnectionTally {
  const tally = new ConnectionTally();
  for (const [type, count] of messages) {
    for (let n = 0; n < count; n++) tally.message(type);
  }
  return tally;
}

describe('ConnectionTally', () => {
  it('says what a connection was used for', () => {
    expect(tallyOf([94, 5000], [93, 5000], [80, 5], [2, 50], [20, 3]).summary(END).line).toMatch(
      /^Closed after 0\.\d s: "ann", 1 channel, 12 requests, 300 bytes in, 400 bytes out$/,
    );
  });

  it('says that nobody had logged in', () => {
    const { line, unusual } = tallyOf().summary({
      ...END,
      username: undefined,
      channels: 0,
      requests: 0,
    });
    expect(unusual).toBe(false);
    expect(line).toContain(': nobody had logged in, 0 channels, 0 requests, ');
  });

  it.each([
    ['IGNORE', 2],
    ['UNIMPLEMENTED', 3],
    ['DEBUG', 4],
    ['EXT_INFO', 7],
    ['answers to nothing', 82],
    ['messages of no known type', 200],
    ['empty messages', 0],
  ])('counts many %s', (_, type) => {
    expect(tallyOf([type, 101]).summary(END).unusual).toBe(true);
    expect(tallyOf([type, 101]).summary(END).line).toMatch(/bytes out, 101 messages of no use$/);
  });

  it('counts many global requests, key exchanges, and what was not taken', () => {
    const tally = tallyOf([80, 1000]);
    for (let n = 0; n < 60; n++) tally.keyExchange();
    expect(tally.summary({ ...END, unsentBytes: 4096 }).line).toMatch(
      /, 1000 global requests, 60 key exchanges, 4096 bytes that it did not take$/,
    );
  });

  it('quotes a name from outside', () => {
    expect(tallyOf().summary({ ...END, username: 'a\nb\u001b[2J' }).line).toContain(
      '"a\\nb\\u001b[2J"',
    );
  });
});
