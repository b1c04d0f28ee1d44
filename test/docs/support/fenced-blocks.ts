import type { Page } from './pages.js';

/** A fenced code block of a page. */
export interface FencedBlock {
  readonly page: string;
  /** Line of its fence, counted from 1. */
  readonly line: number;
  /** The first word after the fence; empty when there is none. */
  readonly language: string;
  /** The file that the first line of a TypeScript block names: `// src/main.ts`. */
  readonly file: string | undefined;
  /** Each line with its end. */
  readonly code: string;
}

const OPENING = /^( *)(`{3,}|~{3,}) *([^\s`]*)[^`]*$/;
const FILE = /^\/\/ (\S+\.ts)\n/;

/**
 * The fenced code blocks of a page, in their order (CommonMark, section 4.5).
 *
 * @throws Error naming page and line of a block without an end
 */
export function fencedBlocks({ name: page, text }: Page): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = '', fence = '', language = ''] = OPENING.exec(lines[at] ?? '') ?? [];
    if (fence === '') continue;
    const line = at + 1;
    const end = lines.findIndex((text, index) => index > at && isClosing(text, fence));
    if (end < 0) throw new Error(`${page}:${line}: the code block has no end`);
    const code = lines
      .slice(line, end)
      .map((text) => `${text.startsWith(indent) ? text.slice(indent.length) : text}\n`)
      .join('');
    const file = language === 'ts' ? FILE.exec(code)?.[1] : undefined;
    blocks.push({ page, line, language, file, code });
    at = end;
  }
  return blocks;
}

/** Where a block is, for messages. */
export function placeOf({ page, line }: FencedBlock): string {
  return `${page}:${line}`;
}

function isClosing(line: string, fence: string): boolean {
  const text = line.trim();
  return text.length >= fence.length && text === (fence[0] ?? '').repeat(text.length);
}
