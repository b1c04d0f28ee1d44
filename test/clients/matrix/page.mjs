// @ts-check
/**
 * Makes the tables of docs/reference/clients.md from what the tests have last shown; with `--check` it compares
 * instead: what the page says and the last run has not shown is an error.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import * as prettier from 'prettier';

import { claimsOf, includes, outcomesOf, withMatrix } from './matrix.mjs';
import { readResults, RESULTS } from './recorder.mjs';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    page: { type: 'string', default: 'docs/reference/clients.md' },
    results: { type: 'string', default: RESULTS },
  },
});
const page = readFileSync(values.page, 'utf8');
const results = readResults(values.results);
const hasRun = Object.keys(results.files).length > 0;

if (values.check) check();
else await make();

async function make() {
  if (!hasRun)
    throw new Error(`${values.results} is not there: run the tests of test/clients first`);
  const config = await prettier.resolveConfig(values.page);
  const text = await prettier.format(withMatrix(page, results), { ...config, parser: 'markdown' });
  writeFileSync(values.page, text);
}

function check() {
  if (!hasRun) {
    console.log(`The clients were not tested here: nothing to compare ${values.page} with.`);
    return;
  }
  const { passed, failed } = outcomesOf(results);
  const claims = claimsOf(page);
  // Who tests one client has no opinion of the others; who must have them all has.
  const all = process.env['REQUIRE_CLIENTS'] === '1';
  const ran = [...passed, ...failed];
  const wrong = claims.filter(
    (claim) => !includes(passed, claim) && (all || ran.some((one) => isOfSame(one, claim))),
  );
  for (const { client, backend, title } of wrong) {
    console.error(
      `${values.page} says of ${client} over ${backend}: ${title}. No test has shown it.`,
    );
  }
  const missing = passed.filter((one) => !includes(claims, one));
  if (missing.length > 0) {
    console.log(
      `${missing.length} tests of clients are not on ${values.page}: npm run docs:clients`,
    );
  }
  if (wrong.length > 0) process.exitCode = 1;
  else console.log(`${claims.length} lines of ${values.page} agree with the last run.`);
}

/** @param {import('./clients.mjs').Shown} one @param {import('./clients.mjs').Shown} other */
function isOfSame(one, other) {
  return one.client === other.client && one.backend === other.backend;
}
