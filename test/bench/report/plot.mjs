import { ALL } from '../servers/fleet.mjs';
import { REFERENCE } from '../servers/openssh.mjs';

const WIDTH = 860;
const LEFT = 290; // room for what was measured
const RIGHT = 60; // room for the figure of the longest bar
const TOP = 84;
const BAR = 11;
const GAP = 2;
const BETWEEN = 12;

/** By server: hues that differ in lightness, too, and stand out on light and dark. */
const COLOURS = {
  memory: ['#0b62c4', '#5aa9ff'],
  folder: ['#1a8f5a', '#4fd39a'],
  'folder, 2 workers': ['#8a5cd6', '#b99bf5'],
  'internal-sftp': ['#8b8f97', '#9aa0aa'],
  asyncssh: ['#c98a1b', '#e9b85a'],
  ProFTPD: ['#b5475f', '#ee8ba0'],
};

/**
 * Draws the ratios to the reference as bars, with the line where a server is as fast as it, and a mark at each target.
 *
 * @param {readonly import('./rows.mjs').Row[]} rows
 * @returns {string} an SVG that needs nothing else
 */
export function plotOf(rows) {
  const bars = rows.filter(
    ({ ratio, limited, against, server }) =>
      ratio !== undefined && !limited && against === REFERENCE && server !== REFERENCE,
  );
  const groups = groupsOf(bars);
  const most = Math.max(1.5, ...bars.flatMap(({ ratio, target = 0 }) => [ratio, target]));
  const scale = (ratio) => LEFT + (ratio / most) * (WIDTH - LEFT - RIGHT);
  const drawn = [];
  let y = TOP;
  for (const [what, ofGroup] of groups) {
    drawn.push(groupOf(what, ofGroup, y, scale));
    y += ofGroup.length * (BAR + GAP) + BETWEEN;
  }
  const height = y + 24;
  const servers = [...ALL, ...Object.keys(COLOURS)].filter(
    (name, index, all) => all.indexOf(name) === index && bars.some(({ server }) => server === name),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">Speed of SFTP servers as ratios to ${REFERENCE}</title>`,
    `<desc id="description">${escaped(descriptionOf(groups))}</desc>`,
    `<style>${styles()}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>`,
    `<text class="head" x="20" y="28">Times as fast as OpenSSH's ${REFERENCE}, by the same client in the same run</text>`,
    legend(servers),
    gridOf(most, scale, y - BETWEEN / 2),
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function groupsOf(bars) {
  const groups = new Map();
  for (const row of bars) groups.set(row.what, [...(groups.get(row.what) ?? []), row]);
  return groups;
}

/** What was measured, with a bar for each server. */
function groupOf(what, rows, top, scale) {
  const middle = top + (rows.length * (BAR + GAP)) / 2;
  const label = `<text class="what" x="${LEFT - 10}" y="${round(middle + 4)}">${escaped(what)}</text>`;
  const bars = rows.map(({ server, ratio, target }, index) => {
    const y = top + index * (BAR + GAP);
    const end = scale(ratio);
    const mark =
      target === undefined
        ? ''
        : `<path class="target" d="M${round(scale(target))} ${y - 1}v${BAR + 2}"/>`;
    // Beyond the mark, so that it is not written over.
    const past = target !== undefined && scale(target) > end ? scale(target) : end;
    return (
      `<rect class="${className(server)}" x="${LEFT}" y="${y}" width="${round(end - LEFT)}" height="${BAR}" rx="1.5"/>` +
      `${mark}<text class="figure" x="${round(past + 5)}" y="${y + BAR - 2}">${ratio.toFixed(2)}</text>`
    );
  });
  return [label, ...bars].join('\n');
}

function gridOf(most, scale, bottom) {
  const lines = [];
  for (let ratio = 0; ratio <= most; ratio += 1) {
    const x = round(scale(ratio));
    const kind = ratio === 1 ? 'one' : 'grid';
    lines.push(
      `<path class="${kind}" d="M${x} ${TOP - 6}V${bottom}"/>`,
      `<text class="axis" x="${x}" y="${bottom + 16}">${ratio}</text>`,
    );
  }
  return lines.join('\n');
}

function legend(servers) {
  let x = 20;
  const entries = servers.map((name) => {
    const entry =
      `<rect class="${className(name)}" x="${x}" y="44" width="12" height="12" rx="2"/>` +
      `<text class="key" x="${x + 17}" y="54">${escaped(name)}</text>`;
    x += 17 + name.length * 7 + 22;
    return entry;
  });
  return [
    ...entries,
    `<path class="target" d="M${x + 3} 43v14"/><text class="key" x="${x + 11}" y="54">target</text>`,
  ].join('\n');
}

/** The figures in words, for whoever cannot see them. */
function descriptionOf(groups) {
  const said = [...groups].map(
    ([what, rows]) =>
      `${what}: ${rows.map(({ server, ratio }) => `${server} ${ratio.toFixed(2)}`).join(', ')}`,
  );
  return `Bars by measurement and server; the line at 1 is ${REFERENCE}. ${said.join('. ')}.`;
}

function styles() {
  const fills = (shade) =>
    Object.entries(COLOURS).map(([name, shades]) => `.${className(name)}{fill:${shades[shade]}}`);
  return [
    'text{font:12px system-ui,sans-serif;fill:#1f2328}',
    '.head{font-size:15px;font-weight:600}.what,.axis{text-anchor:end}.axis{text-anchor:middle}',
    '.figure,.axis{font-size:10px}',
    // A halo, for the figures that stand on a line.
    '.figure{paint-order:stroke;stroke:#fff;stroke-width:3px}',
    '.ground{fill:#fff;stroke:#d0d7de}.grid{stroke:#d0d7de;fill:none}',
    '.one{stroke:#1f2328;stroke-width:1.5;fill:none}.target{stroke:#d1242f;stroke-width:2.5;fill:none}',
    ...fills(0),
    '@media (prefers-color-scheme:dark){',
    'text{fill:#e6edf3}.ground{fill:#0d1117;stroke:#30363d}.grid{stroke:#30363d}',
    '.one{stroke:#e6edf3}.target{stroke:#ff7b72}.figure{stroke:#0d1117}',
    ...fills(1),
    '}',
  ].join('');
}

function className(server) {
  return `s-${server.replace(/\W+/g, '-')}`;
}

function round(value) {
  return Number(value.toFixed(1));
}

function escaped(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
