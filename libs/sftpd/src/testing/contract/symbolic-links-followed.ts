import assert from 'node:assert/strict';
import { fails, UPLOAD } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** What happens on the way through symbolic links (POSIX "Pathname Resolution"). */
export const symbolicLinksFollowed: ContractGroup = ({ test, group }) => {
  group('following symbolic links', ['symlink'], () => {
    test('fileInfo and openFile follow a relative link', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', 'hello');
      await fx.symlink('/d/link', 'f');
      assert.equal((await fx.info('/d/link')).size, 5);
      await fx.assertContent('/d/link', 'hello');
    });

    test('an absolute link starts at the root of the backend', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/f', 'hello');
      await fx.symlink('/d/link', '/f');
      await fx.assertContent('/d/link', 'hello');
    });

    test('".." in a target is the parent of the directory that holds the link', async (fx) => {
      await fx.makeDir('/a');
      await fx.makeDir('/b');
      await fx.put('/b/f', 'hello');
      await fx.symlink('/a/link', '../b/f');
      await fx.assertContent('/a/link', 'hello');
    });

    test('".." above the root stays at the root', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.symlink('/up', '../../../../f');
      await fx.symlink('/abs', '/../../f');
      await fx.assertContent('/up', 'hello');
      await fx.assertContent('/abs', 'hello');
    });

    test('".." after a linked directory is the parent of what the link names', async (fx) => {
      await fx.makeDir('/a');
      await fx.makeDir('/a/b');
      await fx.put('/a/f', 'right');
      await fx.put('/f', 'wrong');
      await fx.symlink('/dir', 'a/b');
      await fx.symlink('/link', 'dir/../f');
      await fx.assertContent('/link', 'right');
    });

    test('".." in a directory that was moved is its new parent', async (fx) => {
      for (const path of ['/a', '/b', '/a/d']) await fx.makeDir(path);
      await fx.put('/a/f', 'old place');
      await fx.put('/b/f', 'new place');
      await fx.symlink('/a/d/link', '../f');
      await fx.rename('/a/d', '/b/d', false);
      await fx.assertContent('/b/d/link', 'new place');
    });

    test('links in middle segments are followed by every method', async (fx) => {
      await fx.makeDir('/real');
      await fx.symlink('/link', 'real');
      await fx.put('/link/f', 'hello');
      await fx.makeDir('/link/sub');
      await fx.assertNames('/real', ['f', 'sub']);
      assert.equal((await fx.info('/link/f')).size, 5);
      await fx.symlink('/link/l', 'f');
      await fx.assertContent('/link/l', 'hello');
      await fx.rename('/link/f', '/link/g', false);
      await fx.rename('/link/g', '/real/f', false);
      await fx.delete('/link/l');
      await fx.delDir('/link/sub');
      await fx.assertNames('/real', ['f']);
    });

    test('listDir follows a link to a directory', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f');
      await fx.symlink('/link', 'd');
      await fx.assertNames('/link', ['f']);
    });

    test('a chain of links is followed', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.symlink('/l0', 'f');
      for (let index = 1; index < 10; index += 1) await fx.symlink(`/l${index}`, `l${index - 1}`);
      await fx.assertContent('/l9', 'hello');
    });

    test('a write through a link changes the target and keeps the link', async (fx) => {
      await fx.put('/f', 'old');
      await fx.symlink('/link', 'f');
      await fx.put('/link', 'new content');
      await fx.assertContent('/f', 'new content');
      const link = (await fx.entries('/')).find(({ name }) => name === 'link');
      assert.equal(link?.info.type, 'symlink');
    });

    test('CREAT through a dangling link makes the target', async (fx) => {
      await fx.makeDir('/d');
      await fx.symlink('/link', 'd/new');
      await fx.put('/link', 'hello');
      await fx.assertContent('/d/new', 'hello');
      await fx.assertNames('/', ['d', 'link']);
    });

    test('CREAT|EXCL of a link is EEXIST, even of a dangling one', async (fx) => {
      await fx.put('/f', 'x');
      await fx.symlink('/link', 'f');
      await fx.symlink('/dangling', 'nowhere');
      await fails('EEXIST', () => fx.open('/link', { ...UPLOAD, exclusive: true }));
      await fails('EEXIST', () => fx.open('/dangling', { ...UPLOAD, exclusive: true }));
      await fx.assertContent('/f', 'x');
      await fx.assertMissing('/nowhere');
    });

    test('a dangling link is ENOENT', async (fx) => {
      await fx.symlink('/link', 'nowhere');
      await fails('ENOENT', () => fx.info('/link'));
      await fails('ENOENT', () => fx.open('/link', { read: true }));
      await fails('ENOENT', () => fx.open('/link', { write: true }));
      await fails('ENOENT', () => fx.entries('/link'));
      await fails('ENOENT', () => fx.makeDir('/link/d'));
    });

    test('CREAT through a link into a missing directory is ENOENT', async (fx) => {
      await fx.symlink('/link', 'nowhere/f');
      await fails('ENOENT', () => fx.put('/link', 'x'));
      await fx.assertNames('/', ['link']);
    });

    test('a link to a directory is EISDIR for openFile', async (fx) => {
      await fx.makeDir('/d');
      await fx.symlink('/link', 'd');
      await fails('EISDIR', () => fx.open('/link', { read: true }));
    });

    test('a target that goes through a file is ENOTDIR', async (fx) => {
      await fx.put('/f');
      await fx.symlink('/link', 'f/below');
      await fails('ENOTDIR', () => fx.info('/link'));
      await fx.symlink('/through', 'f');
      await fails('ENOTDIR', () => fx.info('/through/below'));
    });

    test('links in a circle are ELOOP', async (fx) => {
      await fx.symlink('/a', 'b');
      await fx.symlink('/b', 'a');
      await fx.symlink('/self', 'self');
      for (const path of ['/a', '/b', '/self', '/self/below']) {
        await fails('ELOOP', () => fx.info(path));
      }
      await fails('ELOOP', () => fx.open('/a', { read: true }));
      await fails('ELOOP', () => fx.open('/a', UPLOAD));
      await fails('ELOOP', () => fx.entries('/self'));
      await fx.delete('/self');
      await fx.assertNames('/', ['a', 'b']);
    });
  });
};
