import { spawnSync } from 'node:child_process';

import { parseAllDocuments } from 'yaml';

import { type FencedBlock, placeOf } from './fenced-blocks.js';

/** What is wrong with a block, if anything. */
type Check = (code: string) => string | undefined;

const INSTRUCTIONS = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);

/** How the blocks of each language are checked. One that is not in the list is not allowed. */
const CHECKS: Readonly<Record<string, Check>> = {
  // All of them at once, by the compiler.
  ts: () => undefined,
  sh(code) {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' });
    return status === 0 ? undefined : stderr.trim();
  },
  json(code) {
    try {
      JSON.parse(code);
      return undefined;
    } catch (error) {
      return String(error);
    }
  },
  yaml: (code) =>
    parseAllDocuments(code)
      .flatMap(({ errors, warnings }) => [...errors, ...warnings])
      .map(({ message }) => message)[0],
  dockerfile: (code) =>
    code
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => line.split(' ')[0] ?? '')
      .find((instruction) => !INSTRUCTIONS.has(instruction))
      ?.replace(/^/, 'no instruction of a Dockerfile: '),
  // What programs print, and the configuration of other programs.
  text: () => undefined,
};

/** What is wrong with blocks, but for what only a compiler can tell. */
export function problemsOf(blocks: readonly FencedBlock[]): string[] {
  return blocks.flatMap((block) => {
    const check = Object.hasOwn(CHECKS, block.language) ? CHECKS[block.language] : undefined;
    const problem = check
      ? check(block.code)
      : `nobody checks blocks of the language "${block.language}"; those known are ${Object.keys(CHECKS).join(', ')}`;
    return problem === undefined ? [] : [`${placeOf(block)}: ${problem}`];
  });
}
