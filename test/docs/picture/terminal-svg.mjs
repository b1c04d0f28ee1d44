const CHARACTER = 7.8;
const LINE = 18;
const PADDING = 16;
const BAR = 30;
const BETWEEN = 14;
const MAX_COLUMNS = 110;

/**
 * Draws terminals below each other.
 *
 * @param {readonly { title: string, lines: readonly string[] }[]} terminals
 * @returns {string} an SVG that needs nothing else
 */
export function terminalsOf(terminals) {
  const shown = terminals.map(({ title, lines }) => ({ title, lines: lines.map(shortened) }));
  const columns = Math.max(...shown.flatMap(({ lines }) => lines.map(({ length }) => length)));
  const width = Math.ceil(columns * CHARACTER + 2 * PADDING);
  const drawn = [];
  let top = 0;
  for (const { title, lines } of shown) {
    const height = BAR + lines.length * LINE + PADDING;
    drawn.push(terminalOf(title, lines, top, width, height));
    top += height + BETWEEN;
  }
  const height = top - BETWEEN;
  const alternative = shown.map(({ title, lines }) => `${title}: ${lines.join('; ')}`).join('. ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    '<title id="title">A session with an SFTP client, and what the server says of it</title>',
    `<desc id="description">${escaped(alternative)}</desc>`,
    '<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d7dce4;white-space:pre}.title{fill:#8b93a1}.typed{fill:#8fd694}</style>',
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function terminalOf(title, lines, top, width, height) {
  const rows = lines.map((line, index) => {
    const y = top + BAR + (index + 1) * LINE - 5;
    const kind = /^(\$|sftp>) /.test(line) ? ' class="typed"' : '';
    return `<text${kind} x="${PADDING}" y="${y}">${escaped(line)}</text>`;
  });
  return [
    `<rect y="${top}" width="${width}" height="${height}" rx="8" fill="#1c2128"/>`,
    `<text class="title" x="${PADDING}" y="${top + 20}">${escaped(title)}</text>`,
    ...rows,
  ].join('\n');
}

function shortened(line) {
  return line.length > MAX_COLUMNS ? `${line.slice(0, MAX_COLUMNS - 1)}…` : line;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
