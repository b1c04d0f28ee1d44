import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inMarkdown, PLOT_NAME } from './markdown.mjs';
import { plotOf } from './plot.mjs';

const DOCS = join(import.meta.dirname, '../../../docs');
const PAGE = join(DOCS, 'performance.md');
const PLOT = join(DOCS, PLOT_NAME);
const BEGIN = '<!-- what `npm run bench -- --docs` writes begins here -->';
const END = '<!-- and ends here -->';

/**
 * Writes the results wherever the options say.
 *
 * @param {{ machine: object, options: object, rows: readonly import('./rows.mjs').Row[] }} results
 */
export function publish(results) {
  const { json, svg, docs, ...options } = results.options;
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ ...results, options }, undefined, 2)}\n`);
  }
  if (svg !== undefined) writeFileSync(svg, plotOf(results.rows));
  if (!docs) return;
  writeFileSync(PLOT, plotOf(results.rows));
  writeFileSync(PAGE, replaced(readFileSync(PAGE, 'utf8'), inMarkdown(results)));
}

function replaced(page, text) {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${PAGE} has lost the lines to write between`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`;
}
