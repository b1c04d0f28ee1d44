import { beforeEach, describe, expect, it } from '@jest/globals';

import { CliError } from './errors.js';
import { Output, type OutputStyle } from './output.js';

let stdout: string;
let stderr: string;

beforeEach(() => {
  stdout = '';
  stderr = '';
});

function output(style: Partial<OutputStyle> = {}): Output {
  return new Output(
    {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
    },
    { json: false, verbose: false, ...style },
  );
}

describe('an output as text', () => {
  it('has one line for each result, whatever is in it', () => {
    output().line('a\nb\u001b', { a: 1 });
    expect([stdout, stderr]).toEqual(['a\\u000ab\\u001b\n', '']);
  });

  it('warns and fails on standard error, in one line and without a stack', () => {
    output().warn('careful');
    output().fail(new CliError('start', 'several\n  lines'));
    expect([stdout, stderr]).toEqual(['', 'warning: careful\nerror: several lines\n']);
  });

  it('has logs and stacks with verbose alone', () => {
    output().log('debug', 'hidden');
    expect(stderr).toBe('');
    output({ verbose: true }).log('debug', 'seen');
    output({ verbose: true }).fail(new Error('bad'));
    expect(stderr).toMatch(/^debug: seen\nerror: bad\nError: bad\n {4}at /);
  });
});

describe('an output as JSON', () => {
  it('has one object in each line, whatever is in it', () => {
    output({ json: true }).line('text', { path: 'a\nb\u202e' });
    expect(stdout).toBe('{"path":"a\\nb\\u202e"}\n');
  });

  it('warns and fails in JSON', () => {
    output({ json: true }).warn('careful');
    output({ json: true }).fail(new CliError('start', 'no'));
    output({ json: true }).fail('thrown');
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { warning: { message: 'careful' } },
      { error: { code: 'start', message: 'no' } },
      { error: { code: 'failed', message: 'thrown' } },
    ]);
  });

  it('keeps logs and stacks within their objects', () => {
    const verbose = output({ json: true, verbose: true });
    verbose.log('error', 'bad', 'Error: bad\n    at x');
    verbose.fail(new Error('worse'));
    const [first, second, ...more] = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(first).toEqual({
      log: { level: 'error', message: 'bad', stack: 'Error: bad\n    at x' },
    });
    expect(second).toMatchObject({ error: { stack: expect.stringContaining('at ') } });
    expect(more).toEqual([]);
  });
});
