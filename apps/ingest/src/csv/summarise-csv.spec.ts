import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { MalformedCsvError } from './malformed-csv.error.js';
import { summariseCsv } from './summarise-csv.js';

function summaryOf(...pieces: (string | Buffer)[]) {
  return summariseCsv(Readable.from(pieces.map((piece) => Buffer.from(piece))));
}

describe('summariseCsv', () => {
  it('counts the rows and adds up what is a number, column by column', async () => {
    const csv = 'name,amount,note\nanna,10.5,"a, b"\nbob, -3 ,\n"c""c",1e2,7 apples\n';
    expect(await summaryOf(csv)).toEqual({
      rows: 3,
      columns: [
        { name: 'name', numbers: 0, sum: 0 },
        { name: 'amount', numbers: 3, sum: 107.5 },
        { name: 'note', numbers: 0, sum: 0 },
      ],
    });
  });

  it('takes what comes in pieces, with a byte order mark and carriage returns', async () => {
    const pieces = ['\ufeffa', ',b\r', '\n1,"2', '\r\n"\r\n3,', '4'];
    expect(await summaryOf(...pieces)).toEqual({
      rows: 2,
      columns: [
        { name: 'a', numbers: 2, sum: 4 },
        { name: 'b', numbers: 2, sum: 6 },
      ],
    });
  });

  it('keeps columns of one name apart', async () => {
    const { columns } = await summaryOf('x,x\n1,2\n3,4\n');
    expect(columns.map(({ sum }) => sum)).toEqual([4, 6]);
  });

  it('finds nothing in an empty file', async () => {
    expect(await summaryOf('')).toEqual({ rows: 0, columns: [] });
  });

  it.each([
    ['a row with too few cells', 'a,b\n1,2\n3\n', /record inconsistent fields length in line 3$/],
    ['a quote that never ends', 'a,b\n1,"2\n', /quote not closed/],
    ['text after a quote', 'a,b\n"1"x,2\n', /invalid closing quote in line 2$/],
    ['a row without end', `a\n"${'x'.repeat(1_100_000)}"\n`, /max record size in line 2$/],
    ['more columns than are taken', `${'x,'.repeat(1000)}x\n`, /1001 columns in line 1/],
  ])('refuses %s, and says where', async (_what, csv, message) => {
    const refused = expect(summaryOf(csv)).rejects;
    await refused.toBeInstanceOf(MalformedCsvError);
    await expect(summaryOf(csv)).rejects.toThrow(message);
  });

  it('never quotes the content', async () => {
    await expect(summaryOf('a,b\n"secret"x,2\n')).rejects.toThrow(/^(?!.*secret)/);
  });

  it('fails as the content fails, which may be read another time', async () => {
    const failing = Readable.from(
      (async function* () {
        yield Buffer.from('a,b\n1,2\n');
        throw new Error('the disk is gone');
      })(),
    );
    const failed = expect(summariseCsv(failing)).rejects;
    await failed.toThrow('the disk is gone');
  });

  it('holds no more than a part of a large file', async () => {
    const row = Buffer.from(`${'x'.repeat(65_534)},1\n`);
    let given = 0;
    let most = 0;
    const large = Readable.from(
      (async function* () {
        yield Buffer.from('a,b\n');
        for (; given < 48 * 1024 * 1024; given += row.length) {
          most = Math.max(most, process.memoryUsage().arrayBuffers);
          yield Buffer.from(row);
        }
      })(),
      { objectMode: false },
    );
    const before = process.memoryUsage().arrayBuffers;
    const { rows } = await summariseCsv(large);
    expect(rows).toBe(Math.ceil((48 * 1024 * 1024) / row.length));
    expect(most - before).toBeLessThan(24 * 1024 * 1024);
  });
});
