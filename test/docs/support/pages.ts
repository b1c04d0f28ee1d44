import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { ROOT } from '../../smoke/child.js';

/** A page of the documentation. */
export interface Page {
  /** Its path in the checkout, such as `docs/guides/events.md`. */
  readonly name: string;
  readonly text: string;
}

/** Where pages are, from the root of the checkout, and whether those of folders below count. */
const PLACES: readonly (readonly [folder: string, recursive: boolean])[] = [
  ['.', false],
  ['docs', true],
  ['apps', true],
  ['libs', true],
];

/** Reads one page. */
export async function pageOf(name: string): Promise<Page> {
  return { name, text: await readFile(path.join(ROOT, name), 'utf8') };
}

/** Every page: all of `docs/`, the README files, and what else is Markdown beside a package. */
export async function allPages(): Promise<Page[]> {
  const names = await Promise.all(
    PLACES.map(async ([folder, recursive]) => {
      const found = await readdir(path.join(ROOT, folder), { recursive });
      return found.map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')));
    }),
  );
  const pages = names.flat().filter((name) => name.endsWith('.md') && !isOfOthers(name));
  return Promise.all(pages.sort().map(pageOf));
}

function isOfOthers(name: string): boolean {
  return name.split('/').some((folder) => folder === 'node_modules' || folder === 'dist');
}
