// @ts-check
import { BACKENDS, CLIENTS, shownBy } from './clients.mjs';

const BEGIN = '<!-- made by `npm run docs:clients` -->';
const END = '<!-- end of what is made -->';
const YES = 'yes';
const NO = '-';

/** @typedef {import('./clients.mjs').Shown} Shown */

/**
 * What the tests of a run have shown; what failed anywhere is not shown.
 *
 * @param {import('./recorder.mjs').Results} results
 * @returns {{ passed: Shown[], failed: Shown[] }}
 */
export function outcomesOf({ files }) {
  const all = Object.entries(files).flatMap(([file, tests]) =>
    tests.flatMap((test) => {
      const shown = shownBy(file, test);
      return shown === undefined ? [] : [{ shown, passed: test.passed }];
    }),
  );
  const failed = all.filter(({ passed }) => !passed).map(({ shown }) => shown);
  const passed = all.filter(({ passed }) => passed).map(({ shown }) => shown);
  return { passed: passed.filter((one) => !includes(failed, one)), failed };
}

/**
 * What a page says that has been shown.
 *
 * @param {string} page
 * @returns {Shown[]}
 */
export function claimsOf(page) {
  /** @type {Shown[]} */
  const claims = [];
  let client = '';
  for (const line of madePart(page).split('\n')) {
    client = /^### (.*)$/.exec(line)?.[1] ?? client;
    const [title, ...cells] = cellsOf(line);
    if (client === '' || title === undefined || cells.length !== BACKENDS.length) continue;
    BACKENDS.forEach(([, backend], at) => {
      if (cells[at] === YES) claims.push({ client, backend, title });
    });
  }
  return claims;
}

/**
 * The page with the tables of these results.
 *
 * @param {string} page
 * @param {import('./recorder.mjs').Results} results
 */
export function withMatrix(page, results) {
  const { passed } = outcomesOf(results);
  const clients = CLIENTS.filter(({ name }) => passed.some(({ client }) => client === name));
  const names = BACKENDS.map(([, backend]) => backend);
  const overview = clients.map(({ name }) => [
    `[${name}](#${anchorOf(name)})`,
    results.versions[name] ?? 'unknown',
    ...names.map((backend) => countOf(passed, name, backend)),
  ]);
  const made = [
    table(['client', 'version', ...names], overview),
    ...clients.flatMap(({ name }) => [`### ${name}`, detailsOf(passed, name)]),
  ];
  return page.replace(madePart(page), `${BEGIN}\n\n${made.join('\n\n')}\n\n${END}`);
}

/** Whether one of them is the same. @param {readonly Shown[]} list @param {Shown} one */
export function includes(list, one) {
  return list.some(
    ({ client, backend, title }) =>
      client === one.client && backend === one.backend && plain(title) === plain(one.title),
  );
}

/** @param {string} page */
function madePart(page) {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`The page lacks "${BEGIN}" or "${END}"`);
  return page.slice(from, to + END.length);
}

/** @param {readonly Shown[]} passed @param {string} name */
function detailsOf(passed, name) {
  const own = passed.filter(({ client }) => client === name);
  const titles = [...new Set(own.map(({ title }) => plain(title)))];
  const rows = titles.map((title) => [
    title.replaceAll('|', '\\|').replaceAll('<', '\\<'),
    ...BACKENDS.map(([, backend]) => (includes(own, { client: name, backend, title }) ? YES : NO)),
  ]);
  return table(['what it did', ...BACKENDS.map(([, backend]) => backend)], rows);
}

/** @param {readonly Shown[]} passed @param {string} name @param {string} backend */
function countOf(passed, name, backend) {
  const own = passed.filter((shown) => shown.client === name && shown.backend === backend);
  const count = new Set(own.map(({ title }) => plain(title))).size;
  return count === 0 ? NO : String(count);
}

/** @param {readonly string[]} columns @param {readonly (readonly string[])[]} rows */
function table(columns, rows) {
  const lines = [columns, columns.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {string} line */
function cellsOf(line) {
  if (!line.startsWith('|')) return [];
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((text) => text.trim().replaceAll('\\|', '|').replaceAll('\\<', '<'));
}

/** Without what Markdown would read in it. @param {string} title */
function plain(title) {
  return title
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[`*_\\]/g, '')
    .trim();
}

/** As GitHub makes it of a heading. @param {string} heading */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}
