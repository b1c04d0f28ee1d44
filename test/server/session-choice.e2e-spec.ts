import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { SftpBatch } from '../support/openssh-client.js';
import { exists } from '../support/raw-files.js';
import { logIn } from './support/log-in.js';
import {
  type MountedApplication,
  type ServerName,
  startMountedApplication,
} from './support/mounted-application.js';
import { STRANGER } from './support/mounted-users.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');

let application: MountedApplication;

function batchAs(user: string, server: ServerName = 'by-function'): SftpBatch {
  return new SftpBatch(programOf(sftp), application.as(user, server));
}

whereUsable('OpenSSH sftp', [sftp], (reasonToSkip) => {
  const title = 'OpenSSH sftp, of an application that chooses for each session';
  (reasonToSkip === undefined ? describe : describe.skip)(title, () => {
    beforeAll(async () => {
      application = await startMountedApplication();
    });
    afterAll(() => application.target.stop());
    beforeEach(() => application.empty());

    describe.each([
      { user: 'north', home: '/inbox/north', above: ['/secret', '/inbox/secret'] },
      { user: 'south', home: '/archive/south', above: ['/secret', '/archive/secret'] },
    ])('a root, $home for $user', ({ user, home, above }) => {
      const neighbour = `${home}ern`;

      beforeEach(async () => {
        const { storage } = application.target;
        await storage.makeDir(home);
        await storage.makeDir(neighbour);
        await storage.put(`${home}/own`, Buffer.from('own'));
        for (const path of [...above, `${neighbour}/secret`]) {
          await storage.put(path, Buffer.from('secret'));
        }
        await writeFile(join(application.as(user).home, 'upload'), 'uploaded');
      });

      it('is all that there is, also from above it', async () => {
        const commands = ['cd ..', 'pwd', 'ls -1a /', 'ls -1a ../..', 'ls -1 /../own'];
        const { stdout } = await batchAs(user).ok(commands);
        const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('sftp>'));
        expect(lines[0]).toBe('Remote working directory: /');
        expect(new Set(lines.slice(1).map((line) => line.replace(/^.*\//, '')))).toEqual(
          new Set(['.', '..', 'own']),
        );
      });

      it.each([
        'get ../../secret',
        'get /../secret',
        `get ..${neighbour}/secret`,
        `get ../${neighbour.split('/').at(-1)!}/secret`,
        `get ${home}/own`,
        'get /inbox/secret',
        'get /archive/secret',
        'cd /inbox',
        'ln -s ../../secret link',
        'ln -s /secret link',
        'ln ../secret link',
        'rename own ../../moved/own',
        'cp ../../secret copy',
      ])('keeps %s inside', async (command) => {
        await batchAs(user).failing([command]);
        await expect(readFile(join(application.as(user).home, 'secret'))).rejects.toThrow('ENOENT');
        expect(await application.target.storage.names(home)).toEqual(['own']);
      });

      it('holds what is put above it', async () => {
        await batchAs(user).ok(['put upload ../../up', 'mkdir /../dir', 'rename own ../moved']);
        const { storage } = application.target;
        expect(await storage.names(home)).toEqual(['dir', 'moved', 'up']);
        expect(await storage.names('/')).toEqual(['archive', 'inbox', 'secret']);
      });

      it('cannot be removed or renamed by whom it holds', async () => {
        await batchAs(user).ok(['rm /own']);
        await batchAs(user).failing(['rmdir /']);
        await batchAs(user).failing(['rename / /elsewhere']);
        expect((await application.target.storage.info(home))?.type).toBe('directory');
      });
    });

    it('a root that is missing is made where that is asked for', async () => {
      await batchAs('north').ok(['ls /']);
      expect(await application.target.storage.names('/inbox')).toEqual(['north']);
    });

    it('a link that is in the storage already leads where the storage says, and no further', async () => {
      const { folder } = application;
      await mkdir(join(folder, 'south'));
      await writeFile(join(folder, 'shared'), 'of the storage');
      await writeFile(join(folder, '..', 'outside'), 'of the machine');
      await symlink('/shared', join(folder, 'south', 'shared'));
      await symlink('../../outside', join(folder, 'south', 'outside'));
      await batchAs('south').ok(['get shared']);
      expect(await readFile(join(application.as('south').home, 'shared'), 'utf8')).toBe(
        'of the storage',
      );
      await batchAs('south').failing(['get outside']);
      await batchAs('south').failing(['readlink shared']);
    });

    it('an attribute of the session names a backend, or more about one', async () => {
      const { storage } = application.target;
      await storage.put('/archive/file', Buffer.from('archived'));
      const { stdout } = await batchAs('clerk', 'by-attribute').ok(['ls -1 /', 'rm file']);
      expect(stdout).toMatch(/^\/file$/m);
      expect(await storage.names('/archive')).toEqual([]);

      await batchAs('vendor', 'by-attribute').ok(['ls /']);
      await batchAs('vendor', 'by-attribute').failing(['mkdir /new']);
      expect(await storage.names('/inbox/vendor')).toEqual([]);
    });

    it('an injectable chooses, after it has asked another one', async () => {
      await batchAs('owner', 'by-resolver').ok(['mkdir of-owner']);
      await batchAs('reader', 'by-resolver').ok(['mkdir of-reader']);
      const { storage } = application.target;
      expect(await storage.names('/archive/tenants')).toEqual(['owner', 'reader']);
      expect(await storage.names('/archive/tenants/owner')).toEqual(['of-owner']);
      expect(await storage.names('/archive/tenants/reader')).toEqual(['of-reader']);
    });

    it.each([
      ['by-function', 'nothing was chosen'],
      ['by-attribute', 'nothing was chosen'],
      ['by-resolver', 'no tenant'],
    ] as const)('%s without a choice: sftp ends with an error', async (server, reason) => {
      const before = application.errors.length;
      const { code, stdout } = await batchAs(STRANGER, server).failing(['ls /', 'mkdir /made']);
      expect(code).toBeGreaterThan(0);
      expect(stdout).toBe('');
      expect(application.errors.slice(before)).toEqual([
        expect.stringMatching(
          new RegExp(`option backend, for the user ${JSON.stringify(STRANGER)}: .*${reason}`),
        ),
      ]);
      expect(await application.target.storage.names('/')).toEqual(['archive', 'inbox']);
      await batchAs('owner', server === 'by-attribute' ? 'by-function' : server).ok(['ls /']);
    });
  });
});

describe('a session with several channels', () => {
  beforeAll(async () => {
    application = await startMountedApplication();
  });
  afterAll(() => application.target.stop());

  it('is chosen for once, however many there are and whenever they come', async () => {
    const { port } = application.target;
    const login = { port, username: 'north', password: 'north' };
    const connection = await logIn(login);
    const both = await Promise.all([connection.channel(), connection.channel()]);
    await Promise.all(both.map((channel) => channel.init()));
    const third = await connection.channel();
    await third.init();
    for (const channel of [...both, third]) expect(await exists(channel, '/')).toBe(true);
    expect(application.asked.map(({ username }) => username)).toEqual(['north']);
    await connection.end();

    const another = await logIn(login);
    await (await another.channel()).init();
    await another.end();
    expect(application.asked).toHaveLength(2);
    expect(application.asked[0]?.id).not.toBe(application.asked[1]?.id);
  });
});
