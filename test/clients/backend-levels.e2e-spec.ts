import { chmod, mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeClient, findProgram, findPythonWith, programOf } from '../support/client-tools.js';
import { Curl } from '../support/curl-client.js';
import {
  digestTree,
  seededBytes,
  sha256,
  sha256OfFile,
  writeFlatFiles,
  writeSeeded,
  writeTree,
} from '../support/fixtures.js';
import { Lftp } from '../support/lftp-client.js';
import { LEVELS } from '../support/level-backends.js';
import { Scp, SftpBatch, quoted } from '../support/openssh-client.js';
import { runParamikoCheck } from '../support/paramiko-client.js';
import { Psftp, psftpWord } from '../support/psftp-client.js';
import { Rclone } from '../support/rclone-client.js';
import { levelServer } from '../support/sftp-target.js';
import { SshfsMount, sshfsNeeds } from '../support/sshfs-mount.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');
const scp = findProgram('scp');
const ssh = findProgram('ssh');
const curl = findProgram('curl');
const lftp = findProgram('lftp');
const rclone = findProgram('rclone');
const psftp = findProgram('psftp');
const puttygen = findProgram('puttygen');
const python = findPythonWith('paramiko');

const WHEN = new Date('2001-02-03T04:05:06Z');
const LARGE_BYTES = 20 * 1024 * 1024 + 3;

/** Servers whose backends have exactly one way to the content of files, and can set attributes. */
const servers = LEVELS.map((level) => levelServer(level));

describeClient(
  'OpenSSH sftp',
  [sftp],
  (suite) => {
    let batch: SftpBatch;
    beforeAll(() => {
      batch = new SftpBatch(programOf(sftp), suite.target);
    });

    it('puts and gets files of every size and name', async () => {
      const { local, remote } = await suite.workspace();
      const names = await writeFlatFiles(local);
      const expected = await digestTree(local);
      await batch.ok(
        names.map((name) => `put ${quoted(`./${name}`)} ${quoted(`${remote}/${name}`)}`),
        { cwd: local },
      );
      expect(await digestStored(suite.target.storage, remote)).toEqual(expected);
      const back = join(local, 'back');
      await mkdir(back);
      await batch.ok(
        names.map((name) => `get ${quoted(`${remote}/${name}`)} ${quoted(`./${name}`)}`),
        { cwd: back },
      );
      expect(await digestTree(back)).toEqual(expected);
    });

    it('puts and gets a directory with all it holds', async () => {
      const { local, remote } = await suite.workspace();
      await writeTree(join(local, 'tree'));
      const expected = await digestTree(join(local, 'tree'));
      await batch.ok([`put -r tree ${remote}/`, `get -r ${remote}/tree back`], { cwd: local });
      expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
      expect(await digestTree(join(local, 'back'))).toEqual(expected);
    });

    it('puts and gets 20 MiB', async () => {
      const { local, remote } = await suite.workspace();
      const digest = await writeSeeded(join(local, 'large'), LARGE_BYTES, 1);
      await batch.ok([`put large ${remote}/large`, `get ${remote}/large back`], { cwd: local });
      expect(await suite.target.storage.sha256(`${remote}/large`)).toBe(digest);
      expect(await sha256OfFile(join(local, 'back'))).toBe(digest);
    });

    it('keeps mode and times with -p, both ways', async () => {
      const { local, remote } = await suite.workspace();
      await writeSeeded(join(local, 'kept'), 100_000, 2);
      await chmod(join(local, 'kept'), 0o640);
      await utimes(join(local, 'kept'), WHEN, WHEN);
      await batch.ok([`put -p kept ${remote}/kept`, `get -p ${remote}/kept back`], { cwd: local });
      const modifiedAt = WHEN.getTime() / 1000;
      const stored = await suite.target.storage.info(`${remote}/kept`);
      expect(stored).toMatchObject({ mode: 0o640, modifiedAt });
      const back = await stat(join(local, 'back'));
      expect([back.mode & 0o7777, back.mtimeMs / 1000]).toEqual([0o640, modifiedAt]);
    });

    it.each(['reput', 'put -a'])('resumes an upload with %s', async (command) => {
      const { local, remote } = await suite.workspace();
      const data = seededBytes(2_000_000, 3);
      await writeFile(join(local, 'whole'), data);
      await suite.target.storage.put(`${remote}/part`, data.subarray(0, 999_999));
      await batch.ok([`${command} whole ${remote}/part`], { cwd: local });
      expect(await suite.target.storage.info(`${remote}/part`)).toMatchObject({
        size: data.length,
      });
      expect(await suite.target.storage.sha256(`${remote}/part`)).toBe(sha256(data));
    });

    it.each(['reget', 'get -a'])('resumes a download with %s', async (command) => {
      const { local, remote } = await suite.workspace();
      const data = seededBytes(2_000_000, 4);
      await suite.target.storage.put(`${remote}/whole`, data);
      await writeFile(join(local, 'part'), data.subarray(0, 999_999));
      await batch.ok([`${command} ${remote}/whole part`], { cwd: local });
      expect(await sha256OfFile(join(local, 'part'))).toBe(sha256(data));
    });

    it('replaces a longer file by a shorter one, and leaves its mode', async () => {
      const { local, remote } = await suite.workspace();
      await suite.target.storage.put(`${remote}/file`, seededBytes(300_000, 5));
      await batch.ok([`chmod 604 ${remote}/file`]);
      const digest = await writeSeeded(join(local, 'short'), 10, 6);
      await batch.ok([`put short ${remote}/file`], { cwd: local });
      expect(await suite.target.storage.sha256(`${remote}/file`)).toBe(digest);
      expect(await suite.target.storage.info(`${remote}/file`)).toMatchObject({
        size: 10,
        mode: 0o604,
      });
    });

    it('makes, lists, renames, copies and removes', async () => {
      const { remote } = await suite.workspace();
      const { storage } = suite.target;
      const data = seededBytes(12_345, 7);
      await storage.put(`${remote}/file`, data);
      await batch.ok([
        `cd ${remote}`,
        ...['mkdir d', 'rename file d/moved', 'cp d/moved d/copy', 'mkdir d/e', 'rename d dir'],
      ]);
      expect(await digestStored(storage, remote)).toEqual({
        dir: 'directory',
        'dir/moved': sha256(data),
        'dir/copy': sha256(data),
        'dir/e': 'directory',
      });
      const { stdout } = await batch.ok([`cd ${remote}/dir`, 'ls -l']);
      expect(stdout).toMatch(/^-rw\S+ +\S+ +\S+ +\S+ +12345 \w{3} +\d+ +[\d:]+ moved$/m);
      expect(stdout).toMatch(/^drwx\S+ +\S+ +\S+ +\S+ +\d+ \w{3} +\d+ +[\d:]+ e$/m);
      await batch.failing([`rmdir ${remote}/dir`]);
      await batch.failing([`get ${remote}/dir/missing here`]);
      await batch.ok([`cd ${remote}`, 'rm dir/[cm]*', 'rmdir dir/e', 'rmdir dir']);
      expect(await storage.names(remote)).toEqual([]);
    });
  },
  servers,
);

describeClient(
  'OpenSSH sftp without attributes',
  [sftp],
  (suite) => {
    it('stores a file also with -p, and says what it cannot keep', async () => {
      const { local, remote } = await suite.workspace();
      const batch = new SftpBatch(programOf(sftp), suite.target);
      const digest = await writeSeeded(join(local, 'kept'), 100_000, 8);
      await chmod(join(local, 'kept'), 0o640);
      await batch.ok([`put kept ${remote}/plain`, `put -p kept ${remote}/kept`], { cwd: local });
      expect(await suite.target.storage.sha256(`${remote}/plain`)).toBe(digest);
      expect(await suite.target.storage.sha256(`${remote}/kept`)).toBe(digest);
      await batch.failing([`chmod 600 ${remote}/kept`]);
    });
  },
  LEVELS.map((level) => levelServer(level, { attributes: false })),
);

describeClient(
  'OpenSSH scp',
  [scp],
  (suite) => {
    it('copies files and directories both ways, with modes and times', async () => {
      const { local, remote } = await suite.workspace();
      const client = new Scp(programOf(scp), suite.target);
      await writeTree(join(local, 'tree'));
      await chmod(join(local, 'tree/one.bin'), 0o750);
      await utimes(join(local, 'tree/one.bin'), WHEN, WHEN);
      const expected = await digestTree(join(local, 'tree'));
      await client.copy(['-r', '-p', 'tree', `:${remote}`], local);
      expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
      await client.copy(['-r', '-p', `:${remote}/tree`, 'back'], local);
      expect(await digestTree(join(local, 'back'))).toEqual(expected);
      const back = await stat(join(local, 'back/one.bin'));
      expect([back.mode & 0o7777, back.mtime]).toEqual([0o750, WHEN]);
    });
  },
  servers,
);

describeClient(
  'curl',
  [curl],
  (suite) => {
    it('uploads and downloads, from the start and from the middle', async () => {
      const { local, remote } = await suite.workspace();
      const { storage } = suite.target;
      const client = new Curl(programOf(curl), suite.target);
      const data = seededBytes(3_000_000, 9);
      await writeFile(join(local, 'whole'), data);
      await writeFile(join(local, 'part'), data.subarray(0, 700_001));
      await storage.put(`${remote}/part`, data.subarray(0, 700_001));
      await client.transfer(['--upload-file', 'whole', client.url(`${remote}/whole`)], local);
      expect(await storage.sha256(`${remote}/whole`)).toBe(sha256(data));
      await client.transfer(['--output', 'back', client.url(`${remote}/whole`)], local);
      expect(await sha256OfFile(join(local, 'back'))).toBe(sha256(data));

      const resume = ['--continue-at', '-'];
      const part = client.url(`${remote}/part`);
      await client.transfer([...resume, '--upload-file', 'whole', part], local);
      expect(await storage.sha256(`${remote}/part`)).toBe(sha256(data));
      await client.transfer([...resume, '--output', 'part', part], local);
      expect(await sha256OfFile(join(local, 'part'))).toBe(sha256(data));
      await client.transfer(['--append', '--upload-file', 'back', part], local);
      expect(await storage.sha256(`${remote}/part`)).toBe(sha256(Buffer.concat([data, data])));
    });
  },
  servers,
);

describeClient(
  'lftp',
  [lftp, ssh],
  (suite) => {
    it('mirrors a tree both ways, and finds nothing to do a second time', async () => {
      const { local, remote } = await suite.workspace();
      const client = new Lftp(programOf(lftp), programOf(ssh), suite.target);
      await writeTree(join(local, 'tree'));
      const expected = await digestTree(join(local, 'tree'));
      await client.commands([`mirror -R --parallel=4 tree ${remote}/tree`], local);
      expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
      const again = await client.commands([`mirror -R --verbose tree ${remote}/tree`], local);
      expect(again.stdout).not.toMatch(/Transferring file/);
      await client.commands([`mirror --parallel=4 ${remote}/tree back`], local);
      expect(await digestTree(join(local, 'back'))).toEqual(expected);
    });
  },
  servers,
);

describeClient(
  'rclone',
  [rclone],
  (suite) => {
    it('copies a tree both ways, and check --download finds no difference', async () => {
      const { local, remote } = await suite.workspace();
      const client = new Rclone(programOf(rclone), suite.target);
      await writeTree(join(local, 'tree'));
      const expected = await digestTree(join(local, 'tree'));
      const copy = ['copy', '--create-empty-src-dirs'];
      await client.work([...copy, 'tree', `server:${remote}/tree`], local);
      expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
      await client.work(['check', '--download', 'tree', `server:${remote}/tree`], local);
      await client.work([...copy, `server:${remote}/tree`, 'back'], local);
      expect(await digestTree(join(local, 'back'))).toEqual(expected);
    });
  },
  servers,
);

describeClient(
  'psftp',
  [psftp, puttygen],
  (suite) => {
    it('puts, resumes and gets', async () => {
      const { local, remote } = await suite.workspace();
      const client = new Psftp(programOf(psftp), suite.target);
      await client.makeKey(programOf(puttygen));
      const names = await writeFlatFiles(local);
      const expected = await digestTree(local);
      const data = seededBytes(1_500_000, 10);
      await suite.target.storage.put(`${remote}/part`, data.subarray(0, 700_001));
      await writeFile(join(local, 'whole'), data);
      await client.commands(
        [
          ...names.map((name) => `put ${psftpWord(`./${name}`)} ${psftpWord(`${remote}/${name}`)}`),
          `reput whole ${remote}/part`,
        ],
        local,
      );
      const stored = { ...expected, part: sha256(data) };
      expect(await digestStored(suite.target.storage, remote)).toEqual(stored);
      await client.commands([`get -r ${remote} back`], local);
      expect(await digestTree(join(local, 'back'))).toEqual(stored);
    });
  },
  servers,
);

describeClient(
  'paramiko',
  [python],
  (suite) => {
    it.each([
      'put_confirms_the_size_and_get_brings_it_back',
      'getfo_and_prefetch_read_the_whole_file',
      'a_gap_reads_as_zeros',
      'writes_in_the_middle_touch_nothing_else',
      'a_handle_reads_what_it_has_written',
      'many_open_files_are_written_in_turns',
      'many_clients_work_at_a_time',
    ])('%s', async (check) => {
      const workspace = await suite.workspace();
      await runParamikoCheck(programOf(python), suite.target, workspace, check);
    });
  },
  servers,
);

describeClient(
  'sshfs',
  sshfsNeeds(),
  (suite) => {
    let mount: SshfsMount;
    beforeAll(async () => {
      mount = await SshfsMount.make(suite.target);
    });
    afterAll(() => mount.unmount());

    it('copies a tree in and out, with modes and times', async () => {
      const { local, remote } = await suite.workspace();
      await writeTree(join(local, 'tree'));
      await chmod(join(local, 'tree/one.bin'), 0o750);
      await utimes(join(local, 'tree/one.bin'), WHEN, WHEN);
      const expected = await digestTree(join(local, 'tree'));
      await mount.shell('cp -rp "$1/tree" ".$2/tree"; cp -rp ".$2/tree" "$1/back"', local, remote);
      expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
      expect(await digestTree(join(local, 'back'))).toEqual(expected);
      const back = await stat(join(local, 'back/one.bin'));
      expect([back.mode & 0o7777, back.mtime]).toEqual([0o750, WHEN]);
    });

    it('replaces, appends to, renames and removes files', async () => {
      const { remote } = await suite.workspace();
      const { storage } = suite.target;
      await storage.put(`${remote}/file`, seededBytes(100_000, 11));
      await mount.shell('cd ".$1"; printf short >file; printf er >>file; mv file moved', remote);
      const expected = { moved: sha256(Buffer.from('shorter')) };
      expect(await digestStored(storage, remote)).toEqual(expected);
      await mount.shell('rm ".$1/moved"', remote);
      expect(await storage.names(remote)).toEqual([]);
    });
  },
  servers,
);
