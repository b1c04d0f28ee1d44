import { join } from 'node:path';
import { beforeAll, expect, it, jest } from '@jest/globals';
import { describeClient, findProgram, programOf } from '../support/client-tools.js';
import { writeSeeded } from '../support/fixtures.js';
import { asOptions, SftpBatch, sshSettings } from '../support/openssh-client.js';
import { runFailing } from '../support/run-program.js';
import { smallMemoryServer } from '../support/sftp-target.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');
const scp = findProgram('scp');

describeClient(
  'OpenSSH clients with a full storage',
  [sftp, scp],
  (suite) => {
    let batch: SftpBatch;
    beforeAll(() => {
      batch = new SftpBatch(programOf(sftp), suite.target);
    });

    it('tells sftp that the upload has failed, and goes on when there is space again', async () => {
      const { local, remote } = await suite.workspace();
      await writeSeeded(join(local, 'large'), 3_000_000, 1);
      const digest = await writeSeeded(join(local, 'small'), 500_000, 2);
      const { stderr } = await batch.failing([`put large ${remote}/large`], { cwd: local });
      expect(stderr).toMatch(/write remote|close remote|space|failure/i);
      await batch.ok([`rm ${remote}/large`, `put small ${remote}/small`], { cwd: local });
      expect(await suite.target.storage.sha256(`${remote}/small`)).toBe(digest);
      await batch.ok([`rm ${remote}/small`]);
    });

    it('tells scp that the upload has failed', async () => {
      const { local, remote } = await suite.workspace();
      await writeSeeded(join(local, 'large'), 3_000_000, 3);
      const { target } = suite;
      await runFailing(
        programOf(scp),
        [
          ...asOptions(sshSettings(target)),
          'large',
          `${target.username}@${target.host}:${remote}/large`,
        ],
        { home: target.home, cwd: local },
      );
    });
  },
  [smallMemoryServer(1_000_000)],
);
