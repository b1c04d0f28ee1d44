import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Where the project is: pages are named from here. */
export const ROOT = path.join(import.meta.dirname, '..', '..', '..');

/** A row: the text of its cells by the names of their columns. */
export type TableRow = ReadonlyMap<string, string>;

/** A table of a page. */
export interface MarkdownTable {
  /** Of the nearest heading above. */
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/** All tables of a page, whose name is a path from the root of the project. */
export async function tablesOf(page: string): Promise<MarkdownTable[]> {
  return parseTables(await readFile(path.join(ROOT, page), 'utf8'));
}

/** The tables of a text in Markdown. */
export function parseTables(markdown: string): MarkdownTable[] {
  const tables: MarkdownTable[] = [];
  let heading = '';
  let lines: string[] = [];
  for (const line of [...markdown.replaceAll(/^```[\s\S]*?^```$/gm, '').split('\n'), '']) {
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    if (line.startsWith('|')) {
      lines.push(line);
    } else if (lines.length > 0) {
      tables.push(tableOf(heading, lines));
      lines = [];
    }
  }
  return tables;
}

/** Those tables that have a column of that name. */
export function tablesWith(column: string, tables: readonly MarkdownTable[]): MarkdownTable[] {
  return tables.filter(({ columns }) => columns.includes(column));
}

/** The one table below a heading. @throws Error when there is none, or there are several */
export function tableBelow(heading: string, tables: readonly MarkdownTable[]): MarkdownTable {
  const [table, ...others] = tables.filter((each) => each.heading === heading);
  if (table === undefined || others.length > 0) {
    throw new Error(`There is not just one table below "${heading}"`);
  }
  return table;
}

/** What a row has in a column. @throws Error when the table has no such column */
export function cell(row: TableRow, column: string): string {
  const text = row.get(column);
  if (text === undefined) throw new Error(`There is no column "${column}"`);
  return text;
}

/** What stands in a cell as code, piece by piece. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** The first code of a cell. @throws Error when it has none */
export function codeIn(text: string): string {
  const [code] = codesIn(text);
  if (code === undefined) throw new Error(`There is no code in "${text}"`);
  return code;
}

function tableOf(heading: string, lines: readonly string[]): MarkdownTable {
  const [columns = [], , ...rows] = lines.map(cellsOf);
  return {
    heading,
    columns,
    rows: rows.map((cells) => new Map(columns.map((column, at) => [column, cells[at] ?? '']))),
  };
}

/** A bar in a cell is escaped, in code as well (GitHub Flavored Markdown, section 4.10). */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((text) => text.trim().replaceAll('\\|', '|'));
}
