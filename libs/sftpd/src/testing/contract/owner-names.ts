import assert from 'node:assert/strict';
import type { ContractGroup } from './suite.js';

/** `ownerNames` (`users-groups-by-id@openssh.com`, OpenSSH PROTOCOL section 4.11). */
export const ownerNames: ContractGroup = ({ test, group }) => {
  group('ownerNames', ['ownerNames'], () => {
    test('answers as many names as ids, in their order', async (fx) => {
      await fx.put('/f');
      const { uid = 0, gid = 0 } = await fx.info('/f');
      const one = await fx.backend.ownerNames({ uids: [uid], gids: [gid] }, fx.session);
      assert.equal(one.users.length, 1);
      assert.equal(one.groups.length, 1);
      const unknown = 4_000_000_001;
      const ids = { uids: [unknown, uid, unknown, uid], gids: [gid, unknown] };
      const { users, groups } = await fx.backend.ownerNames(ids, fx.session);
      assert.deepEqual(users, ['', one.users[0], '', one.users[0]]);
      assert.deepEqual(groups, [one.groups[0], '']);
    });

    test('answers nothing for no ids', async (fx) => {
      const names = await fx.backend.ownerNames({ uids: [], gids: [] }, fx.session);
      assert.deepEqual(names, { users: [], groups: [] });
    });

    test('names the owner in fileInfo as it does by id', async (fx) => {
      await fx.put('/f');
      const { uid = 0, gid = 0, owner, group: groupName } = await fx.info('/f');
      const { users, groups } = await fx.backend.ownerNames(
        { uids: [uid], gids: [gid] },
        fx.session,
      );
      if (owner !== undefined) assert.equal(users[0], owner);
      if (groupName !== undefined) assert.equal(groups[0], groupName);
    });
  });
};
