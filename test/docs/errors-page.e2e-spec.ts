import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { POSIX_ERRORS, type PosixErrorCode, SftpError } from 'nestjs-sftpd';

import { statusOfError } from '../../libs/sftpd/src/session/status-of-error.js';
import { STATUS_NAMES } from '../support/raw-wire.js';
import { literalsOf } from './support/declarations.js';
import {
  cell,
  codeIn,
  codesIn,
  ROOT,
  tableBelow,
  tablesOf,
  tablesWith,
} from './support/markdown-tables.js';
import { BLANK, sourcesIn, textsGivenTo, textsOf } from './support/source-texts.js';

const PAGE = 'docs/reference/errors.md';

const tables = await tablesOf(PAGE);
const library = sourcesIn('libs/sftpd/src');
const known = textsOf([...library, ...sourcesIn('apps/gateway/src')]);

/** What stands in the columns of that name, as code. */
function column(name: string): string[] {
  return tablesWith(name, tables).flatMap(({ rows }) =>
    rows.flatMap((row) => codesIn(cell(row, name)).slice(0, 1)),
  );
}

const ofClients = column('text');
const quoted = [
  ...ofClients,
  ...column('text in the log'),
  ...column('problem'),
  ...column('message'),
];

/** The pieces of a text between its blanks, without what only joins them. */
function piecesOf(text: string): string[] {
  return text
    .split(BLANK)
    .map((piece) => piece.replaceAll(/^[\s().,:;]+|[\s().,:;]+$/g, ''))
    .filter((piece) => piece.length > 5);
}

/** The classes of errors that an entry of the package exports. */
async function errorsOf(entry: string): Promise<[name: string, from: string][]> {
  const exported = (await import(entry)) as Readonly<Record<string, unknown>>;
  return Object.entries(exported)
    .filter(([, value]) => typeof value === 'function' && isErrorClass(value))
    .map(([name]) => [name, entry]);
}

function isErrorClass({ prototype }: { readonly prototype?: unknown }): boolean {
  return prototype instanceof Error;
}

describe(PAGE, () => {
  it('has every code, with its text and its status', () => {
    const told = tableBelow(
      'Codes',
      tables.filter(({ columns }) => columns[0] === 'code'),
    ).rows;
    const codes = Object.entries(POSIX_ERRORS) as [PosixErrorCode, string][];
    expect(
      told.map((row) => ['code', 'usual text', 'status'].map((name) => codeIn(cell(row, name)))),
    ).toEqual(
      codes.map(([code, text]) => [code, text, STATUS_NAMES[statusOfError(new SftpError(code))]]),
    );
  });

  it('has a cause and a remedy in each row of its tables', () => {
    const cells = ['cause', 'remedy', 'fix'].flatMap((name) =>
      tablesWith(name, tables).flatMap(({ rows }) => rows.map((row) => cell(row, name))),
    );
    expect(cells.length).toBeGreaterThan(150);
    expect(cells.filter((text) => text === '')).toEqual([]);
  });

  it('has every text for clients that the code holds', () => {
    const texts = [
      ...textsGivenTo('SftpError', 1, library),
      ...textsGivenTo('LimitError', 1, library),
      ...textsGivenTo('FieldError', 1, library),
      ...textsGivenTo('MalformedPacketError', 0, library),
    ];
    expect(texts.length).toBeGreaterThan(50);
    const told = [...ofClients, ...column('text in the log')];
    expect([...new Set(texts)].filter((text) => !told.includes(text))).toEqual([]);
  });

  it('has the code of each text', () => {
    const codes = tablesWith('text', tables).flatMap(({ columns, rows }) =>
      columns.includes('code') ? rows.map((row) => codeIn(cell(row, 'code'))) : [],
    );
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => !Object.hasOwn(POSIX_ERRORS, code))).toEqual([]);
  });

  it.each(quoted)('quotes what the code says: %s', (text) => {
    expect(piecesOf(text).filter((piece) => !known.some((each) => each.includes(piece)))).toEqual(
      [],
    );
  });

  it('has every reason of a refusal', () => {
    const told = tableBelow('Reasons of refusals', tables).rows;
    expect(told.map((row) => codeIn(cell(row, 'reason'))).sort()).toEqual(
      literalsOf('events/connection-events.ts', 'RefusalReason').sort(),
    );
  });

  it('has every reason why an upload is aborted', () => {
    const told = tableBelow('Ends of uploads', tables).rows;
    expect(told.map((row) => codeIn(cell(row, 'reason'))).sort()).toEqual(
      literalsOf('events/storage-events.ts', 'UploadAbortReason').sort(),
    );
  });

  it('has every class of errors that the package exports', async () => {
    const { exports } = JSON.parse(
      await readFile(path.join(ROOT, 'libs/sftpd/package.json'), 'utf8'),
    ) as { exports: Readonly<Record<string, unknown>> };
    const entries = Object.keys(exports)
      .filter((entry) => !entry.endsWith('.json'))
      .map((entry) => `nestjs-sftpd${entry.slice(1)}`);
    const classes = (await Promise.all(entries.map(errorsOf))).flat();
    const told = tableBelow('Error classes', tables).rows.map((row) => [
      codeIn(cell(row, 'class')),
      codeIn(cell(row, 'from')),
    ]);
    expect(told.sort()).toEqual(classes.sort());
  });
});
