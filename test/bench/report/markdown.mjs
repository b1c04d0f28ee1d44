import { ALL } from '../servers/fleet.mjs';
import { REFERENCE } from '../servers/openssh.mjs';
import { figure, targetOf } from './table.mjs';

/** The plot's file, beside the page. */
export const PLOT_NAME = 'performance.svg';

/**
 * The results as they stand in the documentation: what was measured in lines, servers in columns.
 *
 * @param {{ machine: object, rows: readonly import('./rows.mjs').Row[] }} results
 */
export function inMarkdown({ machine, rows }) {
  const held = rows.filter(({ part }) => part !== 's3');
  const ratios = held.filter(({ ratio, limited }) => ratio !== undefined && !limited);
  const shares = held.filter(({ ratio, limited }) => ratio !== undefined && limited);
  const memory = held.filter(({ ratio }) => ratio === undefined);
  const s3 = rows.filter(({ part }) => part === 's3');
  return [
    // The columns of these tables are as wide as the figures of the day.
    '<!-- prettier-ignore-start -->',
    machineText(machine),
    `![Bars of the ratios below, by measurement and server](${PLOT_NAME})`,
    ...section(
      `Time, as ratios to ${REFERENCE}: larger is better`,
      pivot(ratios, speedOf, ratioOf),
    ),
    ...section(
      `Seconds of the server's processors per GiB, and as shares of ${REFERENCE}'s: smaller is better`,
      pivot(shares, valueOf, ratioOf),
    ),
    ...section('Memory: smaller is better', pivot(memory, valueOf, valueOf)),
    ...section('Files in S3', s3Table(s3)),
    '<!-- prettier-ignore-end -->',
  ].join('\n\n');
}

function machineText({ date, processors, model, memoryGib, kernel, node, servers, runs, ...rest }) {
  const where = rest.inMemory ? 'files in memory (tmpfs)' : 'files on disk';
  return (
    `Measured on ${date}: ${processors} processors (${model}), ${memoryGib} GiB of memory, Linux ${kernel}, ` +
    `Node ${node}, ${servers.join(', ')}; medians of ${runs} runs, ${where}, ${rest.cipher} where nothing else is ` +
    `said; load average before ${rest.loadBefore.toFixed(1)}.`
  );
}

/** A heading and a table, or nothing where nothing was measured. */
function section(title, table) {
  return table.length === 0 ? [] : [`### ${title}`, table.join('\n')];
}

/** A line for each measurement, a column for each server; the reference has its figures, the others their ratios. */
function pivot(rows, ofReference, ofOthers) {
  if (rows.length === 0) return [];
  const present = new Set(rows.map(({ server }) => server));
  const servers = [
    ...ALL.filter((name) => present.has(name)),
    ...[...present].filter((name) => !ALL.includes(name)),
  ];
  const byWhat = new Map();
  for (const row of rows) byWhat.set(row.what, [...(byWhat.get(row.what) ?? []), row]);
  const lines = [...byWhat].map(([what, ofWhat]) => {
    const cells = servers.map((name) => {
      const row = ofWhat.find(({ server }) => server === name);
      if (row === undefined) return '';
      return name === REFERENCE ? ofReference(row) : `${ofOthers(row)}${mark(row)}`;
    });
    const targets = ofWhat.filter(({ target }) => target !== undefined);
    const target = targets.map((row) => `${targetOf(row)} (${row.server})`).join(', ');
    return [what, ...cells, target];
  });
  return markdownTable([['', ...servers, 'target'], ...lines]);
}

function s3Table(rows) {
  if (rows.length === 0) return [];
  const lines = rows.map((row) => [
    row.what,
    valueOf(row),
    row.ratio === undefined ? '' : `${row.ratio.toFixed(2)} of ${row.against}`,
    `${row.ratio === undefined ? targetOf({ ...row, limited: true }) : targetOf(row)}${mark(row)}`,
  ]);
  return markdownTable([['', 'median', 'ratio', 'target'], ...lines]);
}

function markdownTable([header, ...lines]) {
  const rule = header.map((_, index) => (index === 0 ? '---' : '--:'));
  return [header, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`);
}

function mark({ met }) {
  return met === false ? ' ✗' : '';
}

function speedOf({ speed, speedUnit }) {
  return `${speed.toFixed(speed < 100 ? 1 : 0)} ${speedUnit}`;
}

function ratioOf({ ratio }) {
  return ratio.toFixed(2);
}

function valueOf({ value, unit }) {
  return figure(value, unit);
}
