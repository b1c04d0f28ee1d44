import { expect, it, jest } from '@jest/globals';
import {
  isRootPath,
  POSIX_ERRORS,
  type PosixErrorCode,
  SftpError,
  type SftpPath,
} from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { statusOfError } from '../../libs/sftpd/src/session/status-of-error.js';
import { BackendProbe } from '../support/backend-probe.js';
import { describeClient, findProgram, findPythonWith, programOf } from '../support/client-tools.js';
import { Lftp } from '../support/lftp-client.js';
import { SftpBatch } from '../support/openssh-client.js';
import { Psftp } from '../support/psftp-client.js';
import { STATUS_NAMES } from '../support/raw-wire.js';
import { run, runFailing } from '../support/run-program.js';
import type { TestedServer } from '../support/sftp-target.js';
import { startBackendServer } from '../support/test-server.js';
import { cell, codeIn, tablesOf, tablesWith } from './support/markdown-tables.js';

jest.setTimeout(60_000);

const PAGE = 'docs/reference/errors.md';
const OPENSSH = "OpenSSH's `sftp`";
const PUTTY = "PuTTY's `psftp`";
const WORDS = 'The words of the server';

const [sftp, psftp, puttygen, lftp, ssh] = ['sftp', 'psftp', 'puttygen', 'lftp', 'ssh'].map(
  (name) => findProgram(name),
) as [Found, Found, Found, Found, Found];
type Found = ReturnType<typeof findProgram>;
const python = findPythonWith('paramiko');

/** A storage of which no file can be removed; the name of each says why. */
class Refusing extends MemoryBackend {
  override delete(path: SftpPath): never {
    if (isRootPath(path)) throw new SftpError('EISDIR');
    throw new SftpError(path.slice(1) as PosixErrorCode, WORDS);
  }
}

const server: TestedServer = {
  name: 'memory',
  start: async () => {
    const backend = new Refusing();
    const storage = new BackendProbe(backend);
    for (const code of Object.keys(POSIX_ERRORS)) await storage.put(`/${code}`, Buffer.from('x'));
    return startBackendServer(backend, storage);
  },
};

/** What each client says, and a code that makes it say so. */
const rows = tablesWith(PUTTY, await tablesOf(PAGE)).flatMap((table) =>
  table.rows.map((row) => {
    const status = codeIn(cell(row, 'status'));
    const codes = Object.keys(POSIX_ERRORS) as PosixErrorCode[];
    const code = codes.find((each) => STATUS_NAMES[statusOfError(new SftpError(each))] === status);
    return { status, code: code!, openssh: cell(row, OPENSSH), putty: cell(row, PUTTY) };
  }),
);

it(`${PAGE} tells of four statuses`, () => {
  expect(rows).toHaveLength(4);
});

describeClient(
  'the words of OpenSSH sftp',
  [sftp],
  (suite) => {
    it.each(rows)('are its own for $status', async ({ code, openssh }) => {
      const batch = new SftpBatch(programOf(sftp), suite.target);
      const { stderr } = await batch.failing([`rm /${code}`]);
      expect(stderr).toContain(openssh);
      expect(stderr).not.toContain(WORDS);
    });
  },
  [server],
);

describeClient(
  'the words of psftp',
  [psftp, puttygen],
  (suite) => {
    it.each(rows)('are its own for $status', async ({ code, putty }) => {
      const client = new Psftp(programOf(psftp), suite.target);
      await client.makeKey(programOf(puttygen));
      const { stdout, stderr } = await client.commands(
        [`del /${code}`],
        suite.target.home,
        runFailing,
      );
      expect(stdout + stderr).toContain(putty);
      expect(stdout + stderr).not.toContain(WORDS);
    });
  },
  [server],
);

describeClient(
  'the words of lftp',
  [lftp, ssh],
  (suite) => {
    it.each(rows)("are the server's for $status", async ({ code }) => {
      const client = new Lftp(programOf(lftp), programOf(ssh), suite.target);
      const { stderr } = await client.commands([`rm /${code}`], suite.target.home, runFailing);
      expect(stderr).toContain(WORDS);
    });
  },
  [server],
);

const PYTHON = `
import sys, paramiko
host, port, known, key, path = sys.argv[1:]
client = paramiko.SSHClient()
client.load_host_keys(known)
client.connect(host, int(port), 'dev', key_filename=key, allow_agent=False, look_for_keys=False)
try:
    client.open_sftp().remove(path)
except IOError as error:
    print(error)
client.close()
`;

describeClient(
  'the words of paramiko',
  [python],
  (suite) => {
    it.each(rows)("are the server's for $status", async ({ code }) => {
      const { host, port, knownHosts, keyFile, home } = suite.target;
      const { stdout } = await run(
        programOf(python),
        ['-c', PYTHON, host, String(port), knownHosts, keyFile, `/${code}`],
        { home },
      );
      expect(stdout).toContain(WORDS);
    });
  },
  [server],
);
