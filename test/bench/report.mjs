const OPENSSH = 'OpenSSH';

/** The middle of the values, or the mean of the two in the middle. @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * What a measurement says of each server: speed, and ratio to OpenSSH with and without the time of the
 * connection. Targets are held against the ratio with it: it is what a user waits for.
 *
 * @param {import('./throughput.mjs').Measurement} measured
 * @param {import('./throughput.mjs').Measurement | undefined} setUp
 */
export function summarize(measured, setUp) {
  const reference = median(measured.seconds.get(OPENSSH));
  const referenceNet = reference - setUpTime(setUp, OPENSSH);
  return [...measured.seconds].map(([server, all]) => {
    const seconds = median(all);
    const target = measured.targets[server];
    const ratio = reference / seconds;
    return {
      what: measured.title,
      server,
      seconds,
      runs: all,
      speed: measured.amount / seconds,
      unit: `${measured.unit}/s`,
      ratio,
      ratioWithoutSetUp: referenceNet / (seconds - setUpTime(setUp, server)),
      target,
      met: target === undefined ? undefined : ratio >= target,
    };
  });
}

/** Lines of a table for people. @param {ReturnType<typeof summarize>} rows */
export function tableOf(rows) {
  const header = ['what', 'server', 'median', 'speed', 'ratio', 'less set-up', 'target', ''];
  const cells = rows.map((row) => [
    row.what,
    row.server,
    `${row.seconds.toFixed(3)} s`,
    `${row.speed.toFixed(1)} ${row.unit}`,
    row.ratio.toFixed(2),
    Number.isFinite(row.ratioWithoutSetUp) ? row.ratioWithoutSetUp.toFixed(2) : '',
    row.target === undefined ? '' : row.target.toFixed(1),
    verdict(row.met),
  ]);
  const widths = header.map((_, i) => Math.max(...[header, ...cells].map((row) => row[i].length)));
  return [header, ...cells].map((row) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  );
}

/** Lines on the memory measurement. @param {object} memory */
export function memoryLines(memory) {
  const mib = (value) => `${value.toFixed(1)} MiB`;
  return [
    `resident memory of the gateway, ${memory.megabytes} MiB through the folder backend:`,
    `  idle ${mib(memory.idle)}`,
    `  upload: peak ${mib(memory.up.peak)}, after it ${mib(memory.up.now)}`,
    `  download: peak ${mib(memory.down.peak)}, after it ${mib(memory.down.now)}`,
    `  growth ${mib(memory.growth)}, target below ${memory.target} MiB: ${verdict(memory.met)}`,
  ];
}

/** @param {import('./throughput.mjs').Measurement | undefined} setUp @param {string} server */
function setUpTime(setUp, server) {
  return setUp === undefined ? 0 : median(setUp.seconds.get(server));
}

/** @param {boolean | undefined} met */
function verdict(met) {
  if (met === undefined) return '';
  return met ? 'met' : 'MISSED';
}
