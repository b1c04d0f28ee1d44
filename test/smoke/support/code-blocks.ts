import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Child, type Ended, ROOT } from '../child.js';

/** A TypeScript block of a page. */
export interface Block {
  /** What its first line calls it. */
  readonly file: string;
  readonly code: string;
}

/** The TypeScript blocks of a page; a comment in the first line names the block's file. */
export async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => {
    const name = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1];
    return { file: name ?? `block-${index + 1}.ts`, code };
  });
}

/** Writes blocks into a project of its own, which sees the built package as any consumer does. */
export async function makeProject(directory: string, blocks: readonly Block[]): Promise<void> {
  const compilerOptions = {
    target: 'ES2023',
    module: 'nodenext',
    // Some lines of a file are no script whose names are everybody's.
    moduleDetection: 'force',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    rootDir: 'src',
    outDir: 'dist',
  };
  const write = (file: string, content: unknown): Promise<void> =>
    writeFile(
      path.join(directory, file),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  await write('package.json', { type: 'module' });
  await write('tsconfig.json', { compilerOptions, include: ['src'] });
  for (const { file, code } of blocks) {
    const source = path.join('src', file);
    await mkdir(path.join(directory, path.dirname(source)), { recursive: true });
    await write(source, code);
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
}

/** Compiles a project. @returns how the compiler ended and what it wrote: nothing when all is well */
export function compile(directory: string): Promise<Ended> {
  return new Child([path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', directory])
    .ended;
}
