import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';

import { describeClient, findProgram, programOf } from '../support/client-tools.js';
import {
  digestTree,
  seededBytes,
  sha256,
  sha256OfFile,
  writeFlatFiles,
} from '../support/fixtures.js';
import { Fzsftp } from '../support/fzsftp-client.js';
import { LEVELS } from '../support/level-backends.js';
import { defaultServers, levelServer } from '../support/sftp-target.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(60_000);

const fzsftp = findProgram('fzsftp');

/** It logs in by password here, which OpenSSH's server takes from nobody. */
const servers = [
  ...defaultServers().filter(({ name }) => name !== 'openssh'),
  ...LEVELS.map((level) => levelServer(level)),
];

/** As FileZilla writes a name in a command. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describeClient(
  'FileZilla (fzsftp)',
  [fzsftp],
  (suite) => {
    let client: Fzsftp;

    beforeAll(async () => {
      client = await Fzsftp.logIn(programOf(fzsftp), suite.target);
    });

    afterAll(() => client.end());

    it('puts and gets files of every size and name', async () => {
      const { local, remote } = await suite.workspace();
      const names = await writeFlatFiles(local);
      const expected = await digestTree(local);
      await client.ok(`cd ${quoted(remote)}`);
      for (const name of names) {
        await client.ok(`put ${quoted(join(local, name))} ${quoted(name)}`, join(local, name));
      }
      expect(await digestStored(suite.target.storage, remote)).toEqual(expected);
      for (const name of names) {
        const back = join(local, 'back');
        await writeFile(back, '');
        await client.ok(`get ${quoted(name)} ${quoted(back)}`, back);
        expect(await sha256OfFile(back)).toBe(expected[name]);
      }
    });

    it('resumes an upload and a download', async () => {
      const { local, remote } = await suite.workspace();
      const data = seededBytes(1_500_000, 1);
      const [whole, part] = [join(local, 'whole'), join(local, 'part')];
      await writeFile(whole, data);
      await writeFile(part, data);
      await truncate(part, 700_001);
      await suite.target.storage.put(`${remote}/file`, data.subarray(0, 700_001));
      await client.ok(`cd ${quoted(remote)}`);
      await client.ok(`reput ${quoted(whole)} "file"`, whole);
      expect(await suite.target.storage.sha256(`${remote}/file`)).toBe(sha256(data));
      await client.ok(`reget "file" ${quoted(part)}`, part);
      expect(await sha256OfFile(part)).toBe(sha256(data));
    });

    it('makes, lists, changes, moves and removes', async () => {
      const { remote } = await suite.workspace();
      const { storage } = suite.target;
      await storage.put(`${remote}/file`, seededBytes(1234, 2));
      await client.ok(`cd ${quoted(remote)}`);
      await client.ok('mkdir "d e"');
      await client.ok('mv "file" "d e/moved"');
      // It reports the change, and then 0 for success too: what is stored tells.
      await client.run('chmod 604 "d e/moved"');
      await client.run('chmtime 981173106 "d e/moved"');
      expect((await client.ok('mtime "d e/moved"')).lines.at(-1)).toBe('981173106');
      expect(await storage.info(`${remote}/d e/moved`)).toMatchObject({
        size: 1234,
        mode: 0o604,
        modifiedAt: 981_173_106,
      });
      await client.ok('cd "d e"');
      const { names } = await client.ok('ls');
      expect([...names].sort()).toEqual(['.', '..', 'moved']);
      await client.ok('rm "moved"');
      await client.ok('cd ".."');
      await client.ok('rmdir "d e"');
      expect(await storage.names(remote)).toEqual([]);
    });

    it('says what it cannot do', async () => {
      const { remote } = await suite.workspace();
      await suite.target.storage.makeDir(`${remote}/d`);
      await suite.target.storage.put(`${remote}/d/f`, seededBytes(1, 3));
      await client.ok(`cd ${quoted(remote)}`);
      for (const command of ['rm "missing"', 'rmdir "d"', 'mkdir "d"', 'cd "missing"']) {
        expect(await client.run(command)).toMatchObject({ succeeded: false });
      }
      expect(await suite.target.storage.names(`${remote}/d`)).toEqual(['f']);
    });
  },
  servers,
);
