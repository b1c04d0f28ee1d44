import { fencedBlocks } from './fenced-blocks.js';
import { pageOf } from './pages.js';

/** What stands in commands of a page, and what it is here: hosts, ports, places. */
export type Replacements = Readonly<Record<string, string>>;

/**
 * The shell blocks of a page, in their order.
 *
 * @param count how many there are: a new one needs somebody who pastes it
 * @throws Error where there are more or fewer
 */
export async function shellBlocksOf(page: string, count: number): Promise<string[]> {
  const blocks = fencedBlocks(await pageOf(page)).filter(({ language }) => language === 'sh');
  if (blocks.length !== count) {
    throw new Error(`${page} has ${blocks.length} shell blocks, and not ${count}`);
  }
  return blocks.map(({ code }) => code);
}

/** The commands of a block, one by one, as they go into several terminals. */
export function commandsIn(block: string): string[] {
  return block
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+#\s.*$/, ''))
    .filter((line) => line !== '');
}

/** @throws Error naming what is to be replaced and does not stand there */
export function adapted(commands: string, replacements: Replacements = {}): string {
  let script = commands;
  for (const [written, here] of Object.entries(replacements)) {
    if (!script.includes(written)) throw new Error(`${written} does not stand in ${commands}`);
    script = script.replaceAll(written, here);
  }
  return script;
}
