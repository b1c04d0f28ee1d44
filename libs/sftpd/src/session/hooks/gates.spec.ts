import { describe, expect, it } from '@jest/globals';

import { normalizePath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { LinesLog } from '../spec-support/channel.js';
import { type Gate, SftpGates } from './gates.js';

const CONTEXT = {
  session: {
    id: 's1',
    username: 'ann',
    peer: { address: '192.0.2.1', port: 4000, ident: 'Test_1.0' },
    attributes: {},
  },
  backend: undefined,
  path: normalizePath('/a'),
};

function gatesOf(...gates: Gate<'file.remove'>[]): { gates: SftpGates; log: LinesLog } {
  const log = new LinesLog();
  const made = new SftpGates(log, 20);
  for (const gate of gates) made.add('file.remove', gate);
  return { gates: made, log };
}

function pass({ gates }: { gates: SftpGates }): Promise<void> {
  return gates.pass('file.remove', CONTEXT);
}

describe('SftpGates', () => {
  it.each([
    ['nothing', () => undefined],
    ['true', () => true],
    ['a promise of nothing', () => Promise.resolve(undefined)],
  ])('lets pass with %s', async (_, gate) => {
    await expect(pass(gatesOf(gate))).resolves.toBeUndefined();
  });

  it.each<[string, Gate<'file.remove'>, string, string]>([
    ['false', () => false, 'EACCES', 'Refused by the server'],
    ['a text', () => Promise.resolve('it is in use'), 'EACCES', 'it is in use'],
    ['an empty text', () => '', 'EACCES', ''],
    [
      'an SftpError',
      () => {
        throw new SftpError('EDQUOT', 'too many files');
      },
      'EDQUOT',
      'too many files',
    ],
  ])('refuses with %s, and logs nothing', async (_, gate, code, message) => {
    const set = gatesOf(gate);
    await expect(pass(set)).rejects.toMatchObject({ code, message });
    expect(set.log.lines).toEqual([]);
  });

  it.each<[string, Gate<'file.remove'>]>([
    ['throws', () => Promise.reject(new Error('secret host'))],
    ['takes too long', () => new Promise(() => undefined)],
    ['returns what is no verdict', () => ({}) as boolean],
  ])('refuses and logs when a gate %s', async (_, gate) => {
    const set = gatesOf(gate);
    await expect(pass(set)).rejects.toMatchObject({
      code: 'EACCES',
      message: 'Refused by the server',
    });
    expect(set.log.lines).toEqual([expect.stringContaining('A gate of file.remove failed')]);
  });

  it('asks in order, and no further after a refusal', async () => {
    const asked: number[] = [];
    const gate = (number: number, verdict: boolean) => () => {
      asked.push(number);
      return verdict;
    };
    await expect(pass(gatesOf(gate(1, true), gate(2, false), gate(3, true)))).rejects.toThrow();
    expect(asked).toEqual([1, 2]);
  });

  it('forgets a gate that is taken away', async () => {
    const { gates } = gatesOf();
    const leave = gates.add('file.remove', () => false);
    expect(gates.has('file.remove')).toBe(true);
    leave();
    expect(gates.has('file.remove')).toBe(false);
    await expect(pass({ gates })).resolves.toBeUndefined();
  });
});
