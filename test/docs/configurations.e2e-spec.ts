import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { runOk } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { fencedBlocks } from './support/fenced-blocks.js';
import { pageOf } from './support/pages.js';
import { adapted, type Replacements } from './support/shell-blocks.js';

jest.setTimeout(60_000);

const [haproxy, sshd, sshKeygen, systemdAnalyze] = [
  findProgram('haproxy', ['/usr/sbin', ...(process.env['PATH'] ?? '').split(path.delimiter)]),
  findProgram('sshd', ['/usr/sbin', ...(process.env['PATH'] ?? '').split(path.delimiter)]),
  findProgram('ssh-keygen'),
  findProgram('systemd-analyze'),
] as const;

let directory: TempDir;

beforeEach(async () => {
  directory = await makeTempDir();
});

afterEach(() => directory.remove());

/** Writes the block of a page whose first line is a comment with this text. */
async function writeBlock(
  page: string,
  title: string,
  file: string,
  replacements: Replacements = {},
): Promise<string> {
  const found = fencedBlocks(await pageOf(page)).filter(({ code }) =>
    code.startsWith(`# ${title}`),
  );
  expect(found).toHaveLength(1);
  const target = path.join(directory.path, file);
  await writeFile(target, adapted(found[0]?.code ?? '', replacements));
  return target;
}

whereUsable('systemd-analyze', [systemdAnalyze], (reasonToSkip) => {
  (reasonToSkip === undefined ? it : it.skip)(
    'systemd takes the unit of docs/guides/operating.md',
    async () => {
      const title = '/etc/systemd/system/sftp.service';
      const unit = await writeBlock('docs/guides/operating.md', title, 'sftp.service', {
        '/usr/bin/node': process.execPath,
        '/opt/sftp': directory.path,
      });
      const home = directory.path;
      const { stdout, stderr } = await runOk(programOf(systemdAnalyze), ['verify', unit], { home });
      // It looks at the machine's own units as well.
      expect((stdout + stderr).split('\n').filter((line) => line.includes('sftp'))).toEqual([]);
      expect(await readFile(unit, 'utf8')).toMatch(/^StateDirectory=sftp$/m);
    },
  );
});

whereUsable('haproxy', [haproxy], (reasonToSkip) => {
  (reasonToSkip === undefined ? it : it.skip)(
    'haproxy takes the lines of docs/reference/limits.md',
    async () => {
      const file = await writeBlock('docs/reference/limits.md', 'haproxy', 'haproxy.cfg');
      await appendFile(file, 'frontend in\n  mode tcp\n  bind :22\n  default_backend sftp\n');
      await runOk(programOf(haproxy), ['-c', '-q', '-f', file], { home: directory.path });
    },
  );
});

whereUsable('sshd', [sshd, sshKeygen], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('sshd', () => {
    it('takes what docs/guides/migrating.md comes from', async () => {
      const home = directory.path;
      const key = path.join(home, 'key');
      await runOk(programOf(sshKeygen), ['-q', '-t', 'ed25519', '-N', '', '-f', key], { home });
      // As its package makes it, where a service has been started.
      await mkdir('/run/sshd', { recursive: true }).catch(() => undefined);
      const file = await writeBlock('docs/guides/migrating.md', 'sshd_config', 'sshd_config');
      await runOk(programOf(sshd), ['-t', '-f', file, '-h', key], { home });
    });
  });
});
