import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { POSIX_ERRORS, type PosixErrorCode, SftpError } from 'nestjs-sftpd';

import { EXTENSION_VERSIONS } from '../../libs/sftpd/src/protocol/extensions.js';
import { statusOfError } from '../../libs/sftpd/src/session/status-of-error.js';
import { logIn } from '../server/support/log-in.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { whereUsable } from '../support/client-tools.js';
import { STATUS_NAMES } from '../support/raw-wire.js';
import { startS3StoreAndServer } from '../support/s3-server.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { startFolderServer, startLevelServer, startMemoryServer } from '../support/test-server.js';
import { cell, codeIn, codesIn, tableBelow, tablesOf } from './support/markdown-tables.js';
import { REQUESTS, type Survey, survey } from './support/survey.js';

// A store has to start first.
jest.setTimeout(120_000);

const PAGE = 'docs/reference/protocol.md';

const tables = await tablesOf(PAGE);
const requests = tables.find(({ columns }) => columns[0] === 'request');
const extensions = tableBelow('Extensions', tables);
const statuses = tableBelow('Errors', tables);

/** The rows of both tables: what is asked, and what the page says of it in each column. */
const rows = [
  ...(requests?.rows.map((row) => [codeIn(cell(row, 'request')), row] as const) ?? []),
  ...extensions.rows.map((row) => [codeIn(cell(row, 'extension')), row] as const),
];

/** A `describe` of a survey of one server, held against one column of the page. */
function describeColumn(column: string, start: () => Promise<SftpTarget>, reason?: string): void {
  const title = `${column} in ${PAGE}`;
  (reason === undefined ? describe : describe.skip)(title, () => {
    let target: SftpTarget | undefined;
    let found: Survey;

    beforeAll(async () => {
      target = await start();
      const connection = await logIn({ port: target.port });
      found = await survey(connection);
      await connection.end();
    });

    afterAll(() => target?.stop());

    it('is what the server answers', () => {
      const told = rows.map(([name, row]) => [name, cell(row, column)] as const);
      const answers = rows.map(
        ([name]) => [name, found.supported.get(name) === true ? 'yes' : 'no'] as const,
      );
      expect(Object.fromEntries(told)).toEqual(Object.fromEntries(answers));
      expect([...found.supported.keys()].sort()).toEqual(rows.map(([name]) => name).sort());
    });

    it('is what VERSION offers', () => {
      const told = extensions.rows
        .filter((row) => cell(row, column) === 'yes')
        .map((row) => [codeIn(cell(row, 'extension')), cell(row, 'version')] as const);
      expect(Object.fromEntries(found.offered)).toEqual(Object.fromEntries(told));
    });
  });
}

describe(PAGE, () => {
  it('has every request and extension once', () => {
    // What carries the extensions has no row of its own.
    const asked = REQUESTS.filter((name) => name !== 'EXTENDED');
    expect(rows.map(([name]) => name).sort()).toEqual(
      [...asked, ...Object.keys(EXTENSION_VERSIONS)].sort(),
    );
  });

  it('has the status of every code', () => {
    const told = new Map(
      statuses.rows.map((row) => [codeIn(cell(row, 'status')), codesIn(cell(row, 'codes'))]),
    );
    const special = [...told.values()].flat();
    for (const code of Object.keys(POSIX_ERRORS) as PosixErrorCode[]) {
      const status = STATUS_NAMES[statusOfError(new SftpError(code))];
      if (special.includes(code)) expect(told.get(status)).toContain(code);
      else expect(status).toBe('FAILURE');
    }
  });
});

describeColumn('memory', () => startMemoryServer());
describeColumn('folder', () => startFolderServer());
describeColumn('streams', () => startLevelServer('streaming-only', { attributes: false }));
describeColumn('whole files', () => startLevelServer('whole-file-only', { attributes: false }));

whereUsable('S3 in the protocol page', [findCeph()], (reasonToSkip) => {
  describeColumn('S3', () => startS3StoreAndServer(), reasonToSkip);
});
