/**
 * Lines of a table for a terminal.
 *
 * @param {readonly import('./rows.mjs').Row[]} rows
 * @returns {string[]}
 */
export function tableOf(rows) {
  const header = ['what', 'server', 'median', 'speed', 'ratio', 'target', ''];
  const cells = rows.map((row, index) => [
    row.what === rows[index - 1]?.what ? '' : row.what,
    row.server,
    figure(row.value, row.unit),
    row.speed === undefined ? '' : `${row.speed.toFixed(1)} ${row.speedUnit}`,
    row.ratio === undefined ? '' : row.ratio.toFixed(2),
    targetOf(row),
    verdict(row),
  ]);
  const widths = header.map((_, i) => Math.max(...[header, ...cells].map((row) => row[i].length)));
  return [header, ...cells].map((row) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  );
}

/** A value with its unit. @param {number} value @param {string} unit */
export function figure(value, unit) {
  const digits = unit === 's' ? 3 : unit === 's/GiB' || unit === '%' ? 2 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

/** What a row is held against, with its direction. @param {import('./rows.mjs').Row} row */
export function targetOf({ target, ratio, limited, unit }) {
  if (target === undefined) return '';
  if (ratio === undefined) return `≤ ${target} ${unit}`;
  return `${limited ? '≤' : '≥'} ${Number(target.toFixed(2))}`;
}

/** @param {import('./rows.mjs').Row} row */
function verdict({ met }) {
  if (met === undefined) return '';
  return met ? 'met' : 'MISSED';
}
