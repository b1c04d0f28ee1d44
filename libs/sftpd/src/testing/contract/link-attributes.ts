import assert from 'node:assert/strict';
import { at, fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

const OLD = new Date('2001-09-09T01:46:40Z');

/** `setAttributes` through a link, and `setLinkAttributes` on it (`lutimes`, `lchown`). */
export const linkAttributes: ContractGroup = ({ test, group }) => {
  group('setAttributes through a link', ['symlink', 'setAttributes'], () => {
    test('changes the target', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.symlink('/link', 'f');
      await fx.setAttributes('/link', { size: 2, mode: 0o604 });
      await fx.assertContent('/f', 'he');
      assert.equal((await fx.info('/f')).mode, 0o604);
    });

    test('of a dangling link is ENOENT', async (fx) => {
      await fx.symlink('/link', 'nowhere');
      await fails('ENOENT', () => fx.setAttributes('/link', { mode: 0o600 }));
    });
  });

  group('setLinkAttributes', ['symlink', 'linkInfo', 'setLinkAttributes'], () => {
    test('sets the times of the link and leaves the target alone', async (fx) => {
      await fx.put('/f', 'hello');
      const before = await fx.info('/f');
      await fx.symlink('/link', 'f');
      const changes = { accessedAt: OLD, modifiedAt: OLD };
      await fx.backend.setLinkAttributes(at('/link'), changes, fx.session);
      assert.equal((await fx.linkInfo('/link')).modifiedAt?.getTime(), OLD.getTime());
      assert.deepEqual((await fx.info('/f')).modifiedAt, before.modifiedAt);
    });

    test('works on a dangling link', async (fx) => {
      await fx.symlink('/link', 'nowhere');
      const changes = { accessedAt: OLD, modifiedAt: OLD };
      await fx.backend.setLinkAttributes(at('/link'), changes, fx.session);
      assert.equal((await fx.linkInfo('/link')).modifiedAt?.getTime(), OLD.getTime());
    });

    test('sets the times of a file that is no link', async (fx) => {
      await fx.put('/f', 'x');
      const changes = { accessedAt: OLD, modifiedAt: OLD };
      await fx.backend.setLinkAttributes(at('/f'), changes, fx.session);
      assert.equal((await fx.info('/f')).modifiedAt?.getTime(), OLD.getTime());
    });

    test('of a missing name is ENOENT', async (fx) => {
      const changes = { accessedAt: OLD, modifiedAt: OLD };
      await fails('ENOENT', () =>
        fx.backend.setLinkAttributes(at('/nowhere'), changes, fx.session),
      );
    });
  });
};
