import { readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/**
 * The code blocks of a page, in their order.
 *
 * @param {string} page such as `docs/guides/testing.md`
 * @param {readonly string[]} languages
 * @returns {Promise<string[]>}
 */
export async function blocksOf(page, ...languages) {
  const text = await readFile(path.join(ROOT, page), 'utf8');
  const block = new RegExp(`^\`\`\`(?:${languages.join('|')})\\n([^]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(block)].map(([, code]) => code);
}
