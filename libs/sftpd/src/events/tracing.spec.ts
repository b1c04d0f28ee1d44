import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';

import { afterEach, describe, expect, it } from '@jest/globals';

import { isTraced, Trace } from './tracing.js';
import type { TraceMessage } from './tracing-messages.js';

interface Note extends TraceMessage {
  readonly what: string | undefined;
}

const NAME = 'nestjs-sftpd-spec';
const STEPS = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'] as const;

const traced = tracingChannel<unknown, Note>(NAME);
const told: { step: string; message: Note }[] = [];
const subscribed: (() => void)[] = [];

function listen(step: string, listener: (message: unknown) => void): void {
  const name = `tracing:${NAME}:${step}`;
  subscribe(name, listener);
  subscribed.push(() => unsubscribe(name, listener));
}

function keep(...steps: readonly (typeof STEPS)[number][]): void {
  for (const step of steps) {
    listen(step, (message) => {
      told.push({ step, message: { ...(message as Note) } });
    });
  }
}

function begin(): Trace<Note> {
  return new Trace(traced, { what: undefined, duration: undefined, error: undefined });
}

afterEach(() => {
  for (const unsubscribe of subscribed.splice(0)) unsubscribe();
  told.length = 0;
});

describe('isTraced', () => {
  it('is false while nobody subscribes', () => {
    expect(isTraced(traced)).toBe(false);
  });

  it.each(STEPS)('is true with a subscriber of %s alone, and false when it has gone', (step) => {
    keep(step);
    expect(isTraced(traced)).toBe(true);
    for (const unsubscribe of subscribed.splice(0)) unsubscribe();
    expect(isTraced(traced)).toBe(false);
  });
});

describe('Trace', () => {
  it('tells of a success from its beginning to its end', () => {
    keep(...STEPS);
    const trace = begin();
    trace.note({ what: 'known now' });
    trace.finish({});
    expect(told.map(({ step }) => step)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(told[0]?.message).toEqual({ what: undefined, duration: undefined, error: undefined });
    expect(told[3]?.message).toEqual({
      what: 'known now',
      duration: expect.any(Number),
      error: undefined,
    });
  });

  it('tells of a failure before its end', () => {
    keep(...STEPS);
    const error = new Error('no');
    begin().finish({ error });
    expect(told.map(({ step }) => step)).toEqual([
      'start',
      'end',
      'error',
      'asyncStart',
      'asyncEnd',
    ]);
    expect(told[2]?.message.error).toBe(error);
  });

  it('ends once, as it has ended first', () => {
    keep('asyncEnd', 'error');
    const trace = begin();
    trace.finish({ what: 'first' });
    trace.finish({ what: 'second', error: new Error('late') });
    trace.note({ what: 'third' });
    expect(told.map(({ step, message }) => [step, message.what])).toEqual([['asyncEnd', 'first']]);
  });

  it('gives all channels the same object', () => {
    const seen = new Set<unknown>();
    for (const step of STEPS) listen(step, (message) => seen.add(message));
    begin().finish({ error: new Error('no') });
    expect(seen.size).toBe(1);
  });
});
