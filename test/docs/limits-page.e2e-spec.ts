import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { boundsOf } from '../../libs/sftpd/src/filesystem/open-files/open-file-options.js';
import { checkOptions } from '../../libs/sftpd/src/nest/check-options.js';
import { LOCKOUT_DEFAULTS } from '../../libs/sftpd/src/server/admission/lockout.js';
import { literalsOf } from './support/declarations.js';
import { cell, codeIn, ROOT, tableBelow, tablesOf } from './support/markdown-tables.js';

const PAGE = 'docs/reference/limits.md';

/** No limits: where the server listens, and bits of permissions. */
const OTHERS: readonly string[] = ['port', 'umask'];

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** A number with or without a unit. */
function amountOf(text: string): number {
  const [, digits, unit] = /^`?([\d,]+)`?(?: (\w+))?$/.exec(text) ?? [];
  const factor = unit === undefined ? 1 : UNITS[unit];
  return Number(digits?.replaceAll(',', '')) * (factor ?? NaN);
}

const text = await readFile(path.join(ROOT, PAGE), 'utf8');
const tables = await tablesOf(PAGE);
const defaults = checkOptions({
  hostKeys: {},
  auth: { passwords: [{ username: 'dev', password: 'dev' }] },
  backend: new MemoryBackend(),
});
const numbers = Object.entries(defaults).filter(
  (entry): entry is [string, number] => typeof entry[1] === 'number',
);

const limits = ['Connections', 'Times', 'Requests and memory'].flatMap((heading) =>
  tableBelow(heading, tables).rows.map((row) => ({
    name: codeIn(cell(row, 'option')),
    told: cell(row, 'default'),
    reason: cell(row, 'reason'),
  })),
);

describe(PAGE, () => {
  it('names every limit of the code', () => {
    const missing = numbers.filter(
      ([name]) => !OTHERS.includes(name) && !text.includes(`\`${name}\``),
    );
    expect(missing).toEqual([]);
  });

  it.each(limits)('has the default of $name', ({ name, told }) => {
    expect(amountOf(told)).toBe(new Map(numbers).get(name));
  });

  it.each(tableBelow('Lockout', tables).rows.map((row) => [...row.values()]))(
    'has the default of lockout.%s',
    (name, told) => {
      const known = new Map<string, number>(Object.entries(LOCKOUT_DEFAULTS)).get(codeIn(name));
      if (known !== undefined) expect(amountOf(told)).toBe(known);
      else expect(['`exempt`', '`store`']).toContain(name);
    },
  );

  it('names every reason of a refusal', () => {
    const reasons = literalsOf('events/connection-events.ts', 'RefusalReason');
    expect(reasons.filter((reason) => !text.includes(`\`${reason}\``))).toEqual([]);
    const told = limits.map(({ reason }) => reason).filter((reason) => reason !== '-');
    expect(told.filter((reason) => !reasons.includes(codeIn(reason)))).toEqual([]);
  });
});

describe('the table of openFiles in docs/reference/backends.md', () => {
  it('has the defaults of the code', async () => {
    const page = await tablesOf('docs/reference/backends.md');
    const { rows } = tableBelow('Files of backends without random access', page);
    const { temporaryDirectory: _own, ...bounds } = boundsOf({});
    for (const [name, value] of Object.entries(bounds)) {
      const row = rows.find((each) => cell(each, '`openFiles.`') === `\`${name}\``);
      const told = cell(row!, 'default');
      if (name === 'maxWholeFileMemoryBytes') expect(told).toBe('4 times `maxWholeFileBytes`');
      else expect(codeIn(told)).toBe(typeof value === 'string' ? `'${value}'` : String(value));
    }
  });
});
