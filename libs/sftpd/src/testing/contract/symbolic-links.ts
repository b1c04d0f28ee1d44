import assert from 'node:assert/strict';
import { fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** Symbolic links as things of their own (POSIX `symlink`, `readlink`, `lstat`). */
export const symbolicLinks: ContractGroup = ({ test, group }) => {
  group('symbolic links', ['symlink', 'readLink'], () => {
    test('a target is kept as it was written', async (fx) => {
      const targets = ['f', './f', '../f', '/abs/f', 'a//b/../c/', ' sp ace ', 'ünï/😀', 'x\ny'];
      for (const [index, target] of targets.entries()) {
        await fx.symlink(`/l${index}`, target);
        assert.equal(await fx.readLink(`/l${index}`), target);
      }
    });

    test('a listing shows the link itself, also a dangling one', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.symlink('/link', 'f');
      await fx.symlink('/dangling', 'nowhere');
      const types = new Map((await fx.entries('/')).map(({ name, info }) => [name, info.type]));
      assert.equal(types.get('f'), 'regular');
      assert.equal(types.get('link'), 'symlink');
      assert.equal(types.get('dangling'), 'symlink');
    });

    test('a link over anything is EEXIST', async (fx) => {
      await fx.put('/f', 'x');
      await fx.makeDir('/d');
      await fx.symlink('/dangling', 'nowhere');
      for (const path of ['/f', '/d', '/dangling', '/']) {
        await fails('EEXIST', () => fx.symlink(path, 'target'));
      }
      assert.equal(await fx.readLink('/dangling'), 'nowhere');
    });

    test('a link in a missing directory is ENOENT, below a file ENOTDIR', async (fx) => {
      await fx.put('/f');
      await fails('ENOENT', () => fx.symlink('/nowhere/link', 'f'));
      await fails('ENOTDIR', () => fx.symlink('/f/link', 'f'));
    });

    test('readLink of a file or directory is EINVAL, of a missing name ENOENT', async (fx) => {
      await fx.put('/f');
      await fx.makeDir('/d');
      await fails('EINVAL', () => fx.readLink('/f'));
      await fails('EINVAL', () => fx.readLink('/d'));
      await fails('EINVAL', () => fx.readLink('/'));
      await fails('ENOENT', () => fx.readLink('/nowhere'));
    });

    test('delete removes the link and not its target', async (fx) => {
      await fx.put('/f', 'x');
      await fx.symlink('/link', 'f');
      await fx.delete('/link');
      await fx.assertNames('/', ['f']);
      await fx.assertContent('/f', 'x');
    });

    test('delete removes a link to a directory, delDir does not (ENOTDIR)', async (fx) => {
      await fx.makeDir('/d');
      await fx.symlink('/link', 'd');
      await fails('ENOTDIR', () => fx.delDir('/link'));
      await fx.delete('/link');
      await fx.assertNames('/', ['d']);
    });

    test('makeDir over a dangling link is EEXIST', async (fx) => {
      await fx.symlink('/link', 'nowhere');
      await fails('EEXIST', () => fx.makeDir('/link'));
      await fx.assertNames('/', ['link']);
    });

    test('rename renames the link itself, dangling or not', async (fx) => {
      await fx.put('/f', 'x');
      await fx.symlink('/link', 'f');
      await fx.symlink('/dangling', 'nowhere');
      await fx.rename('/link', '/link2', false);
      await fx.rename('/dangling', '/dangling2', false);
      assert.equal(await fx.readLink('/link2'), 'f');
      assert.equal(await fx.readLink('/dangling2'), 'nowhere');
      await fx.assertNames('/', ['dangling2', 'f', 'link2']);
    });

    test('rename without overwrite onto a dangling link is EEXIST', async (fx) => {
      await fx.put('/f', 'x');
      await fx.symlink('/link', 'nowhere');
      await fails('EEXIST', () => fx.rename('/f', '/link', false));
      assert.equal(await fx.readLink('/link'), 'nowhere');
    });

    test('rename with overwrite replaces a link, not its target', async (fx) => {
      await fx.put('/f', 'target');
      await fx.symlink('/link', 'f');
      await fx.put('/new', 'new');
      await fx.rename('/new', '/link', true);
      await fx.assertNames('/', ['f', 'link']);
      await fx.assertContent('/f', 'target');
      await fx.assertContent('/link', 'new');
    });

    test('rename of a directory onto a link to a directory is ENOTDIR', async (fx) => {
      await fx.makeDir('/d');
      await fx.makeDir('/e');
      await fx.symlink('/link', 'e');
      await fails('ENOTDIR', () => fx.rename('/d', '/link', true));
      await fx.assertNames('/', ['d', 'e', 'link']);
    });

    test('a moved directory takes its links along unchanged', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', 'x');
      await fx.symlink('/d/link', 'f');
      await fx.rename('/d', '/e', false);
      assert.equal(await fx.readLink('/e/link'), 'f');
      await fx.assertContent('/e/link', 'x');
    });
  });

  group('linkInfo', ['symlink', 'linkInfo'], () => {
    test('tells of the link itself, with the length of its target in bytes', async (fx) => {
      await fx.put('/füß', 'hello world');
      await fx.symlink('/link', 'füß');
      const info = await fx.linkInfo('/link');
      assert.equal(info.type, 'symlink');
      assert.equal(info.size, Buffer.byteLength('füß'));
      assert.equal((await fx.info('/link')).type, 'regular');
    });

    test('tells of a dangling link', async (fx) => {
      await fx.symlink('/link', 'nowhere');
      assert.equal((await fx.linkInfo('/link')).type, 'symlink');
      await fails('ENOENT', () => fx.info('/link'));
    });

    test('tells of files and directories what fileInfo tells', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.makeDir('/d');
      assert.equal((await fx.linkInfo('/f')).size, 5);
      assert.equal((await fx.linkInfo('/f')).type, 'regular');
      assert.equal((await fx.linkInfo('/d')).type, 'directory');
      assert.equal((await fx.linkInfo('/')).type, 'directory');
    });

    test('of a missing name is ENOENT, through a file ENOTDIR', async (fx) => {
      await fx.put('/f');
      await fails('ENOENT', () => fx.linkInfo('/nowhere'));
      await fails('ENOTDIR', () => fx.linkInfo('/f/below'));
    });
  });
};
