import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';

import { LinesLog } from '../session/spec-support/channel.js';
import { LateLog } from './late-log.js';

describe('LateLog', () => {
  let lines: string[];
  let log: LateLog;

  beforeEach(() => {
    const written = new LinesLog();
    lines = written.lines;
    log = new LateLog(written);
  });

  it('writes its lines later, in their order', async () => {
    log.warn('first');
    log.log('second');
    expect(lines).toEqual([]);
    await setImmediate();
    expect(lines).toEqual(['warn first', 'log second']);
    log.debug('third');
    log.error('fourth', 'its stack');
    await setImmediate();
    expect(lines.slice(2)).toEqual(['debug third', 'error fourth\nits stack']);
  });

  it('writes at once what is left at its end, and nothing twice', async () => {
    log.log('first');
    log.flush();
    expect(lines).toEqual(['log first']);
    log.log('second');
    await setImmediate();
    expect(lines).toEqual(['log first', 'log second']);
  });
});
