import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { compile, makeProject } from '../smoke/support/code-blocks.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { fencedBlocks } from './support/fenced-blocks.js';
import { problemsOf } from './support/languages.js';
import { folderOf, programsOf, sourcesOf } from './support/type-script.js';

jest.setTimeout(120_000);

/** The blocks of a page with these code blocks, each its info string and its lines. */
function blocksOf(...blocks: readonly (readonly [info: string, ...lines: string[]])[]) {
  const text = blocks.map(([info, ...lines]) => ['```' + info, ...lines, '```', ''].join('\n'));
  return fencedBlocks({ name: 'page.md', text: `# A page\n\n${text.join('\n')}` });
}

describe('code blocks', () => {
  it('are found with their line, language and file, also in a list and within other fences', () => {
    const text = [
      '- An item:',
      '',
      '  ```ts',
      '  // src/a.ts',
      '    const a = 1;',
      '  ```',
      '',
      '~~~~text',
      '```sh',
      'echo',
      '```',
      '~~~~',
    ].join('\n');
    expect(fencedBlocks({ name: 'page.md', text })).toEqual([
      {
        page: 'page.md',
        line: 3,
        language: 'ts',
        file: 'src/a.ts',
        code: '// src/a.ts\n  const a = 1;\n',
      },
      {
        page: 'page.md',
        line: 8,
        language: 'text',
        file: undefined,
        code: '```sh\necho\n```\n',
      },
    ]);
  });

  it('without an end are an error', () => {
    expect(() => fencedBlocks({ name: 'page.md', text: 'One\n\n```ts\nconst a = 1;\n' })).toThrow(
      'page.md:3: the code block has no end',
    );
  });
});

describe('the checks of languages', () => {
  it('take what is well-formed', () => {
    const blocks = blocksOf(
      ['sh', 'A=1 node main.js && echo done'],
      ['json', '{ "a": [1] }'],
      ['yaml', 'a:', '  - 1'],
      ['dockerfile', '# Comment', 'FROM node:22', 'RUN one && \\', '  two'],
      ['text', '} whatever {'],
    );
    expect(problemsOf(blocks)).toEqual([]);
  });

  it.each([
    ['a language that nobody checks', 'typescript', 'const a = 1;', /nobody checks/],
    ['no language at all', '', 'anything', /nobody checks/],
    ['a shell that cannot read its lines', 'sh', 'if true; then', /syntax error/],
    ['JSON that is none', 'json', '{ a: 1 }', /SyntaxError/],
    ['YAML that is none', 'yaml', 'a: [1', /./],
    ['an unknown instruction', 'dockerfile', 'FORM node:22', /FORM/],
  ])('find %s', (_name, info, line, problem) => {
    const problems = problemsOf(blocksOf([info, line]));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]).toMatch(/^page\.md:3: /);
  });
});

describe('the TypeScript of a page', () => {
  it('has a stage for each time that a file is replaced, with all others as they were', () => {
    const { files, problems } = sourcesOf(
      blocksOf(
        ['ts', '// a.ts', 'export const a = 1;'],
        ['ts', '// b.ts', "import './a.js';"],
        ['ts', '// a.ts', 'export const a = 2;'],
        ['ts', 'console.log(1);'],
      ),
      [],
    );
    expect(problems).toEqual([]);
    expect(files.map(({ file, code }) => [file, code.split('\n').at(-2)])).toEqual([
      [`${folderOf('page.md', 0)}/a.ts`, 'export const a = 1;'],
      [`${folderOf('page.md', 0)}/b.ts`, "import './a.js';"],
      [`${folderOf('page.md', 1)}/a.ts`, 'export const a = 2;'],
      [`${folderOf('page.md', 1)}/b.ts`, "import './a.js';"],
      [`${folderOf('page.md', 1)}/line-18.ts`, 'console.log(1);'],
    ]);
  });

  it('is told where a context fits no block, or several', () => {
    const blocks = blocksOf(['ts', 'f();'], ['ts', 'f(1);']);
    const context = { page: 'page.md', before: '' };
    const contexts = ['g(', 'f('].map((begins) => ({ ...context, begins }));
    expect(sourcesOf(blocks, contexts).problems).toEqual([
      'page.md: not exactly one block begins with "g("',
      'page.md: not exactly one block begins with "f("',
    ]);
  });

  it('has programs, which somebody has to run', () => {
    const names = ['src/main.ts', 'a.app.ts', 'a.module.ts', 'a.test.ts', 'domain.ts'];
    const blocks = blocksOf(...names.map((name) => ['ts', `// ${name}`] as const));
    expect(programsOf(blocks).map(({ file }) => file)).toEqual([
      'src/main.ts',
      'a.app.ts',
      'a.test.ts',
    ]);
  });

  describe('in the compiler', () => {
    let directory: TempDir;

    beforeAll(async () => {
      directory = await makeTempDir();
    });

    afterAll(() => directory.remove());

    it('fails for a mistake in any stage, which is named', async () => {
      const { files } = sourcesOf(
        blocksOf(
          ['ts', '// a.ts', 'export const a: string = 1;'],
          ['ts', '// a.ts', 'export const a = 2;'],
          ['ts', "import { NoSuchThing } from 'nestjs-sftpd';", 'console.log(NoSuchThing);'],
        ),
        [],
      );
      await makeProject(directory.path, files);
      const { code, stdout } = await compile(directory.path);
      expect(code).not.toBe(0);
      expect(stdout).toMatch(/page\/0\/a\.ts\(2,14\): error TS2322/);
      expect(stdout).toMatch(/page\/1\/line-13\.ts\(1,10\): error TS2305/);
      expect(stdout).not.toMatch(/page\/1\/a\.ts/);
    });
  });
});
