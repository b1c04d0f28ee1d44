import { builtinModules } from 'node:module';

import { fencedBlocks } from './fenced-blocks.js';
import type { Page } from './pages.js';

/** The page that everybody has read. */
const BEGINNING = 'docs/guides/getting-started.md';

/** Also where it is said within a sentence. */
const INSTALL = /\bnpm install ((?:[@\w/.-]+ ?)+)/g;
const IMPORT = /^(?:import|export)\b[^;]*?\bfrom '([^'.][^']*)'|^import '([^'.][^']*)'/gm;

/** Which packages the code of pages needs although neither the page nor "Getting started" says how to install them. */
export function packagesMissing(pages: readonly Page[]): string[] {
  const beginning = pages.find(({ name }) => name === BEGINNING);
  if (beginning === undefined) throw new Error(`${BEGINNING} is not there`);
  const always = installedBy(beginning);
  return pages.flatMap((page) => {
    const installed = new Set([...always, ...installedBy(page)]);
    return importedBy(page)
      .filter((name) => !installed.has(name))
      .map((name) => `${page.name}: nothing says how to install ${name}`);
  });
}

function installedBy({ text }: Page): string[] {
  return [...text.matchAll(INSTALL)].flatMap(([, names = '']) => names.trim().split(' '));
}

function importedBy(page: Page): string[] {
  const code = fencedBlocks(page)
    .filter(({ language }) => language === 'ts')
    .map((block) => block.code);
  const names = code.flatMap((text) =>
    [...text.matchAll(IMPORT)].map(([, from, alone]) => packageOf(from ?? alone ?? '')),
  );
  return [...new Set(names)].filter((name) => !isBuiltIn(name)).sort();
}

/** `@nestjs/common` of `@nestjs/common/internal`. */
function packageOf(specifier: string): string {
  const words = specifier.split('/');
  return words.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function isBuiltIn(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name);
}
