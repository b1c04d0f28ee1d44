import assert from 'node:assert/strict';
import { fails, UPLOAD } from './fixture.js';
import type { ContractGroup } from './suite.js';

const NAMES: Readonly<Record<string, string>> = {
  'with spaces, also at its ends': ' a name ',
  'with a leading dot': '.hidden',
  'with a trailing dot': 'end.',
  'of three dots': '...',
  'that begins with two dots': '..almost',
  'with a newline and a tab': 'two\nlines\tand a tab',
  'with a backslash': 'back\\slash',
  'with quotes': `it's "quoted"`,
  'with shell characters': '*?[a]$HOME;&|<>',
  'with percent signs': '100%25 %2e%2e%2f',
  'with a colon': 'C:colon',
  'with a leading dash': '-rf',
  'with umlauts': 'Übergröße',
  'in another script': 'файл-文件-ملف',
  'with an emoji of several code points': '👩‍👩‍👧‍👦.txt',
  'that is a word of JavaScript': '__proto__',
  'of 255 bytes': 'x'.repeat(255),
  'of 255 bytes in UTF-8': `${'é'.repeat(127)}x`,
};

/** Names: any bytes but `/` and NUL, up to 255 of them. */
export const names: ContractGroup = ({ test, group }) => {
  group('names', [], () => {
    for (const [what, name] of Object.entries(NAMES)) {
      test(`a name ${what} can be written, listed, read, renamed and removed`, async (fx) => {
        await fx.makeDir('/d');
        await fx.put(`/d/${name}`, 'content');
        await fx.assertNames('/d', [name]);
        await fx.assertContent(`/d/${name}`, 'content');
        await fx.rename(`/d/${name}`, '/d/plain', false);
        await fx.assertNames('/d', ['plain']);
        await fx.rename('/d/plain', `/d/${name}`, false);
        await fx.delete(`/d/${name}`);
        await fx.makeDir(`/d/${name}`);
        await fx.put(`/d/${name}/file`, 'x');
        await fx.assertNames(`/d/${name}`, ['file']);
        await fx.delete(`/d/${name}/file`);
        await fx.delDir(`/d/${name}`);
        await fx.assertNames('/d', []);
      });
    }

    test('names are told apart by case', async (fx) => {
      await fx.put('/file', 'lower');
      await fx.put('/FILE', 'upper');
      await fx.assertContent('/file', 'lower');
      await fx.assertContent('/FILE', 'upper');
    });

    test('names are told apart by their Unicode form, and kept in it', async (fx) => {
      const composed = 'é'.normalize('NFC');
      const decomposed = 'é'.normalize('NFD');
      await fx.put(`/${composed}`, 'one');
      await fx.put(`/${decomposed}`, 'two');
      await fx.assertNames('/', [composed, decomposed]);
      await fx.assertContent(`/${composed}`, 'one');
    });

    test('a name of 256 bytes is ENAMETOOLONG', async (fx) => {
      await tooLong('x'.repeat(256));
      await tooLong('é'.repeat(128));
      await fx.assertNames('/', ['f']);

      async function tooLong(name: string): Promise<void> {
        await fails('ENAMETOOLONG', () => fx.open(`/${name}`, UPLOAD));
        await fails('ENAMETOOLONG', () => fx.makeDir(`/${name}`));
        await fails('ENAMETOOLONG', () => fx.info(`/${name}`));
        await fx.put('/f', 'x');
        await fails('ENAMETOOLONG', () => fx.rename('/f', `/${name}`, false));
      }
    });

    test('a file named like a member of an object is not there until it is made', async (fx) => {
      for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
        await fails('ENOENT', () => fx.info(`/${name}`));
      }
      assert.deepEqual(await fx.entries('/'), []);
    });
  });
};
