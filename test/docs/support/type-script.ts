import { type FencedBlock, placeOf } from './fenced-blocks.js';
import { BORROWED, type FragmentContext, FRAGMENTS } from './fragments.js';

/** A file of the project in which the blocks of all pages are compiled. */
export interface SourceFile {
  /** Below the project's sources. */
  readonly file: string;
  readonly code: string;
}

/** What the blocks of pages are compiled as. */
export interface Sources {
  readonly files: readonly SourceFile[];
  /** What is wrong with the blocks before anything is compiled. */
  readonly problems: readonly string[];
}

/**
 * Makes source files of the TypeScript blocks of pages: one folder for each page, and in that one for each of its
 * stages. A block that bears the name of an earlier one replaces its file, and so begins a new stage, which has all
 * other files as they were.
 *
 * @param blocks of all pages, in their order
 * @param contexts what stands around blocks without a file name
 */
export function sourcesOf(
  blocks: readonly FencedBlock[],
  contexts: readonly FragmentContext[] = FRAGMENTS,
): Sources {
  const ofTypeScript = blocks.filter(({ language }) => language === 'ts');
  const pages = new Set(ofTypeScript.map(({ page }) => page));
  const results = [...pages].map((page) => {
    const own = ofTypeScript.filter((block) => block.page === page);
    return sourcesOfPage(page, own, [...borrowedBy(page, ofTypeScript)], contexts);
  });
  return {
    files: results.flatMap(({ files }) => files),
    problems: results.flatMap(({ problems }) => problems),
  };
}

/** The folder of a page's files. @param stage counted from 0; the last one has the page's final files */
export function folderOf(page: string, stage: number): string {
  return `${page.replace(/\.md$/, '').replaceAll('/', '__')}/${stage}`;
}

function sourcesOfPage(
  page: string,
  blocks: readonly FencedBlock[],
  borrowed: readonly SourceFile[],
  contexts: readonly FragmentContext[],
): Sources {
  const stages = stagesOf(blocks, borrowed);
  const last = folderOf(page, stages.length - 1);
  const fragments = blocks.filter(({ file }) => file === undefined);
  const ofPage = contexts.filter((context) => context.page === page);
  const problems = ofPage
    .filter(({ begins }) => fragments.filter(({ code }) => code.startsWith(begins)).length !== 1)
    .map(({ begins }) => `${page}: not exactly one block begins with ${JSON.stringify(begins)}`);
  const named = stages.flatMap((stage, index) =>
    [...stage].map(([file, code]) => ({ file: `${folderOf(page, index)}/${file}`, code })),
  );
  const unnamed = fragments.map((block) => {
    const { before, after = '' } = ofPage.find(({ begins }) => block.code.startsWith(begins)) ?? {
      before: '',
    };
    return { file: `${last}/line-${block.line}.ts`, code: `${before}${block.code}${after}` };
  });
  return { files: [...named, ...unnamed], problems };
}

function stagesOf(
  blocks: readonly FencedBlock[],
  borrowed: readonly SourceFile[],
): ReadonlyMap<string, string>[] {
  const stages: ReadonlyMap<string, string>[] = [];
  let stage = new Map(borrowed.map(({ file, code }) => [file, code]));
  for (const { file, code } of blocks) {
    if (file === undefined) continue;
    if (stage.has(file)) {
      stages.push(stage);
      stage = new Map(stage);
    }
    stage.set(file, code);
  }
  return [...stages, stage];
}

function* borrowedBy(page: string, blocks: readonly FencedBlock[]): Generator<SourceFile> {
  for (const { page: borrower, file, from } of BORROWED) {
    if (borrower !== page) continue;
    if ('code' in from) {
      yield { file, code: from.code };
      continue;
    }
    const lent = blocks.find((block) => block.page === from.page && block.file === file);
    if (lent === undefined) throw new Error(`${from.page} has no block ${file} for ${page}`);
    yield { file, code: lent.code };
  }
}

/** Names of blocks that are programs or tests: to compile them is not enough. */
const PROGRAM = /(?:^|\/)main\.ts$|\.(?:app|test|contract|client|server|service)\.ts$/;

/** The blocks of a page that somebody has to run. */
export function programsOf(blocks: readonly FencedBlock[]): FencedBlock[] {
  return blocks.filter(({ file }) => file !== undefined && PROGRAM.test(file));
}

/** A program that no specification runs. */
export function notRun(block: FencedBlock): string {
  return `${placeOf(block)}: no specification that is named for the page runs ${block.file ?? ''}`;
}
