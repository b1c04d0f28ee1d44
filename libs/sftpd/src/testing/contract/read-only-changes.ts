import { bytes } from './bytes.js';
import { at, type ContractFixture, fails, UPLOAD } from './fixture.js';
import { longestOf } from './ranges.js';
import { directoriesOf } from './read-only-files.js';
import type { ContractGroup } from './suite.js';

/** What nobody may do to a backend that is read-only, and what is there when it was tried. */
export const readOnlyChanges: ContractGroup = ({ files, test, group }) => {
  const { path } = longestOf(files);
  const [directory = '/'] = [...directoriesOf(files).keys()].reverse();

  const refused = async (
    fx: ContractFixture,
    ...changes: (() => Promise<unknown>)[]
  ): Promise<void> => {
    for (const change of changes) await fails('EROFS', change);
    for (const [known, content] of files) await fx.assertContent(known, content);
    for (const [known, entries] of directoriesOf(files)) {
      await fx.assertNames(known, [...entries.keys()]);
    }
  };

  group('read-only: every change is EROFS and changes nothing', [], () => {
    test('to open a file for writing, new or not', (fx) =>
      refused(
        fx,
        () => fx.open(path, { write: true }),
        () => fx.open(path, { read: true, write: true }),
        () => fx.open(path, { write: true, append: true }),
        () => fx.open(path, { write: true, truncate: true }),
        () => fx.open('/new', UPLOAD),
        () => fx.open('/new', { ...UPLOAD, exclusive: true }),
      ));

    test('makeDir', (fx) => refused(fx, () => fx.makeDir('/new')));

    test('delete', (fx) => refused(fx, () => fx.delete(path)));

    test('delDir', (fx) => refused(fx, () => fx.delDir(directory === '/' ? '/new' : directory)));

    test('rename, with overwrite and without', (fx) =>
      refused(
        fx,
        () => fx.rename(path, '/new', false),
        () => fx.rename(path, '/new', true),
      ));
  });

  group('read-only: setAttributes', ['setAttributes'], () => {
    test('is EROFS', (fx) =>
      refused(
        fx,
        () => fx.setAttributes(path, { mode: 0o600 }),
        () => fx.setAttributes(path, { size: 0 }),
      ));
  });

  group('read-only: setLinkAttributes', ['setLinkAttributes'], () => {
    test('is EROFS', (fx) =>
      refused(fx, async () => {
        await fx.backend.setLinkAttributes(at(path), { mode: 0o600 }, fx.session);
      }));
  });

  group('read-only: symlink', ['symlink'], () => {
    test('is EROFS', (fx) => refused(fx, () => fx.symlink('/new', path)));
  });

  group('read-only: hardLink', ['hardLink'], () => {
    test('is EROFS', (fx) => refused(fx, () => fx.hardLink(path, '/new')));
  });

  group('read-only: copy', ['copy'], () => {
    test('is EROFS', (fx) => refused(fx, () => fx.copy(path, '/new', false)));
  });

  group('read-only: beginWrite', ['beginWrite'], () => {
    test('is EROFS', (fx) => refused(fx, () => fx.beginWrite('/new')));
  });

  group('read-only: writeFile', ['writeFile'], () => {
    test('is EROFS', (fx) => refused(fx, () => fx.writeFile('/new', bytes('x'))));
  });
};
