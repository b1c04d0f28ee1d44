import { CsvError, type Info, parse } from 'csv-parse';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CsvSummary } from './csv-summary.js';
import { MalformedCsvError } from './malformed-csv.error.js';

/** Bounds of a CSV, whoever has made it: memory is taken for one row and one header, and no more. */
const MAX_ROW_BYTES = 1024 * 1024;
const MAX_COLUMNS = 1000;
const MAX_NAME_LENGTH = 200;

const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?\s*$/i;

interface Column {
  readonly name: string;
  numbers: number;
  sum: number;
}

/** A record, and the line on which it ends. */
interface Row {
  readonly record: readonly string[];
  readonly info: Pick<Info, 'lines'>;
}

/**
 * Counts the rows of a CSV and adds up the numbers of each column. The first row is the header; all rows have as many
 * cells. The content streams through.
 *
 * @param content bytes of UTF-8, with or without a byte order mark; closed in the end
 * @throws MalformedCsvError that names the line
 * @throws what `content` fails with
 */
export async function summariseCsv(content: Readable): Promise<CsvSummary> {
  const parser = parse({ bom: true, info: true, max_record_size: MAX_ROW_BYTES });
  let columns: Column[] | undefined;
  let rows = 0;
  try {
    await pipeline(content, parser, async (source: AsyncIterable<Row>) => {
      for await (const { record, info } of source) {
        if (columns === undefined) columns = headerOf(record, info.lines);
        else {
          addRow(columns, record);
          rows += 1;
        }
      }
    });
  } catch (error) {
    if (error instanceof CsvError) {
      throw new MalformedCsvError(`Malformed CSV: ${described(error)}`, { cause: error });
    }
    throw error;
  }
  return { rows, columns: columns ?? [] };
}

function headerOf(record: readonly string[], line: number): Column[] {
  if (record.length > MAX_COLUMNS) {
    throw new MalformedCsvError(
      `Malformed CSV: ${record.length} columns in line ${line}, and ${MAX_COLUMNS} are the most`,
    );
  }
  return record.map((name) => ({ name: name.slice(0, MAX_NAME_LENGTH), numbers: 0, sum: 0 }));
}

function addRow(columns: readonly Column[], record: readonly string[]): void {
  for (const [index, column] of columns.entries()) {
    const cell = record[index] ?? '';
    if (!NUMBER.test(cell)) continue;
    column.numbers += 1;
    column.sum += Number(cell);
  }
}

/** The parser's own message quotes the content; its code and the line say as much. */
function described(error: CsvError): string {
  const { lines } = error as CsvError & Partial<Pick<Info, 'lines'>>;
  const what = error.code.replace(/^CSV_/, '').toLowerCase().replaceAll('_', ' ');
  return `${what}${typeof lines === 'number' ? ` in line ${lines}` : ''}`;
}
