import { chmod, stat, truncate, utimes, writeFile, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it, jest } from '@jest/globals';
import { describeClient, findProgram, itByPassword, programOf } from '../support/client-tools.js';
import {
  digestTree,
  seededBytes,
  sha256,
  sha256OfFile,
  writeFlatFiles,
  writeSeeded,
  writeTree,
} from '../support/fixtures.js';
import { asOptions, quoted, SftpBatch, sshPasswordSettings } from '../support/openssh-client.js';
import { runFailing, runOk } from '../support/run-program.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');
const sshpass = findProgram('sshpass');
const WHEN = new Date('2001-02-03T04:05:06Z');

describeClient('OpenSSH sftp', [sftp], (suite) => {
  let batch: SftpBatch;
  beforeAll(() => {
    batch = new SftpBatch(programOf(sftp), suite.target);
  });

  it('puts and gets files of every size and name', async () => {
    const { local, remote } = await suite.workspace();
    const names = await writeFlatFiles(local);
    await batch.ok(
      names.map((name) => `put ${quoted(`./${name}`)} ${quoted(`${remote}/${name}`)}`),
      { cwd: local },
    );
    expect(await digestStored(suite.target.storage, remote)).toEqual(await digestTree(local));

    const back = join(local, 'back');
    const before = await digestTree(local);
    await mkdir(back);
    await batch.ok(
      names.map((name) => `get ${quoted(`${remote}/${name}`)} ${quoted(`./${name}`)}`),
      { cwd: back },
    );
    expect(await digestTree(back)).toEqual(before);
  });

  it('puts and gets a directory with all it holds', async () => {
    const { local, remote } = await suite.workspace();
    await writeTree(join(local, 'tree'));
    const expected = await digestTree(join(local, 'tree'));
    await batch.ok([`put -r tree ${remote}/`], { cwd: local });
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
    await batch.ok([`get -r ${remote}/tree back`], { cwd: local });
    expect(await digestTree(join(local, 'back'))).toEqual(expected);
  });

  it('keeps mode and times with -p, both ways', async () => {
    const { local, remote } = await suite.workspace();
    await writeSeeded(join(local, 'kept'), 100_000, 1);
    await chmod(join(local, 'kept'), 0o640);
    await utimes(join(local, 'kept'), WHEN, WHEN);
    await batch.ok([`put -p kept ${remote}/kept`, `get -p ${remote}/kept back`], { cwd: local });

    const modifiedAt = WHEN.getTime() / 1000;
    expect(await suite.target.storage.info(`${remote}/kept`)).toMatchObject({
      mode: 0o640,
      modifiedAt,
    });
    const back = await stat(join(local, 'back'));
    expect(back.mode & 0o7777).toBe(0o640);
    expect(back.mtimeMs / 1000).toBe(modifiedAt);
  });

  it.each(['reput', 'put -a'])('resumes an upload with %s', async (command) => {
    const { local, remote } = await suite.workspace();
    const data = seededBytes(2_000_000, 2);
    await writeFile(join(local, 'whole'), data);
    // A part that ends in no packet's boundary.
    await suite.target.storage.put(`${remote}/part`, data.subarray(0, 999_999));
    await batch.ok([`${command} whole ${remote}/part`], { cwd: local });
    expect(await suite.target.storage.info(`${remote}/part`)).toMatchObject({ size: 2_000_000 });
    expect(await suite.target.storage.sha256(`${remote}/part`)).toBe(sha256(data));
  });

  it('resumes an upload that the client itself has cut off in half', async () => {
    const { local, remote } = await suite.workspace();
    const data = seededBytes(1_500_000, 3);
    await writeFile(join(local, 'whole'), data);
    await copyFile(join(local, 'whole'), join(local, 'half'));
    await truncate(join(local, 'half'), 700_001);
    await batch.ok([`put half ${remote}/file`, `reput whole ${remote}/file`], { cwd: local });
    expect(await suite.target.storage.sha256(`${remote}/file`)).toBe(sha256(data));
  });

  it.each(['reget', 'get -a'])('resumes a download with %s', async (command) => {
    const { local, remote } = await suite.workspace();
    const data = seededBytes(2_000_000, 4);
    await suite.target.storage.put(`${remote}/whole`, data);
    await writeFile(join(local, 'part'), data.subarray(0, 999_999));
    await batch.ok([`${command} ${remote}/whole part`], { cwd: local });
    expect(await sha256OfFile(join(local, 'part'))).toBe(sha256(data));
  });

  it('replaces a longer file by a shorter one', async () => {
    const { local, remote } = await suite.workspace();
    await suite.target.storage.put(`${remote}/file`, seededBytes(300_000, 5));
    const digest = await writeSeeded(join(local, 'short'), 10, 6);
    await batch.ok([`put short ${remote}/file`, `put -f short ${remote}/synced`], { cwd: local });
    expect(await suite.target.storage.sha256(`${remote}/file`)).toBe(digest);
    expect(await suite.target.storage.sha256(`${remote}/synced`)).toBe(digest);
  });

  it('renames files and directories; only posix-rename replaces', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    const [first, second] = [seededBytes(10, 7), seededBytes(20, 8)];
    await storage.makeDir(`${remote}/dir`);
    await storage.put(`${remote}/dir/inside`, first);
    await storage.put(`${remote}/a`, first);
    await storage.put(`${remote}/b`, second);
    await batch.failing([`rename -l ${remote}/a ${remote}/b`]);
    expect(await storage.sha256(`${remote}/b`)).toBe(sha256(second));
    await batch.ok([
      `rename ${remote}/a ${remote}/b`,
      `rename -l ${remote}/b ${remote}/c`,
      `rename ${remote}/dir ${remote}/moved`,
    ]);
    expect(await digestStored(storage, remote)).toEqual({
      c: sha256(first),
      moved: 'directory',
      'moved/inside': sha256(first),
    });
  });

  it('makes and removes directories and files, and says when it cannot', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    await storage.put(`${remote}/file`, seededBytes(3, 9));
    await batch.ok([`mkdir ${remote}/d`, `mkdir ${remote}/d/e`]);
    await batch.failing([`rmdir ${remote}/d`]);
    await batch.failing([`mkdir ${remote}/d`]);
    await batch.failing([`mkdir ${remote}/file`]);
    await batch.failing([`rmdir ${remote}/file`]);
    await batch.failing([`rm ${remote}/missing`]);
    await batch.failing([`rename ${remote}/missing ${remote}/other`]);
    const { stderr } = await batch.failing([`get ${remote}/missing here`]);
    expect(stderr).toMatch(/not found/i);
    expect(await storage.names(remote)).toEqual(['d', 'file']);
    await batch.ok([`rmdir ${remote}/d/e`, `rmdir ${remote}/d`, `rm ${remote}/file`]);
    expect(await storage.names(remote)).toEqual([]);
  });

  it('lists names, long lines and hidden entries', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    await storage.makeDir(`${remote}/sub dir`);
    await storage.put(`${remote}/.hidden`, seededBytes(1, 10));
    await storage.put(`${remote}/日本語 😀.txt`, seededBytes(12_345, 11));
    await batch.ok([`chmod 640 "${remote}/日本語 😀.txt"`]);

    const names = await batch.ok([`cd ${remote}`, 'ls -1']);
    expect(listed(names.stdout)).toEqual(['sub dir', '日本語 😀.txt']);
    const hidden = await batch.ok([`cd ${remote}`, 'ls -1a']);
    expect(listed(hidden.stdout)).toEqual(['.', '..', '.hidden', 'sub dir', '日本語 😀.txt']);

    const date = String.raw`\w{3} +\d{1,2} +(\d\d:\d\d|\d{4})`;
    for (const command of ['ls -l', 'ls -la', 'ls -n', 'ls -lh', 'ls -lt', 'ls -lS']) {
      const { stdout } = await batch.ok([`cd ${remote}`, command]);
      const size = command === 'ls -lh' ? '12.1K' : '12345';
      expect(stdout).toMatch(
        new RegExp(`^-rw-r----- +\\S+ +\\S+ +\\S+ +${size} +${date} 日本語 😀\\.txt$`, 'mu'),
      );
      expect(stdout).toMatch(
        new RegExp(`^drwx\\S+ +\\S+ +\\S+ +\\S+ +\\S+ +${date} sub dir$`, 'mu'),
      );
    }
  });

  it('lists a directory of 2500 entries', async () => {
    const { remote } = await suite.workspace();
    const names = Array.from({ length: 2500 }, (_, i) => `entry number ${10_000 + i}.txt`);
    for (const name of names) await suite.target.storage.put(`${remote}/${name}`, Buffer.alloc(0));
    const { stdout } = await batch.ok([`cd ${remote}`, 'ls -1']);
    expect(listed(stdout)).toEqual(names);
  });

  it('expands wildcards', async () => {
    const { local, remote } = await suite.workspace();
    for (const name of ['a.bin', 'b.bin', 'c.txt']) {
      await suite.target.storage.put(`${remote}/${name}`, seededBytes(50, 12));
    }
    await batch.ok([`get ${remote}/*.bin .`, `rm ${remote}/[ab].*`], { cwd: local });
    expect(Object.keys(await digestTree(local)).sort()).toEqual(['a.bin', 'b.bin']);
    expect(await suite.target.storage.names(remote)).toEqual(['c.txt']);
  });

  it('changes modes and owners', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    await storage.put(`${remote}/file`, seededBytes(5, 13));
    await batch.ok([`chmod 604 ${remote}/file`, `chmod 711 ${remote}`]);
    expect(await storage.info(`${remote}/file`)).toMatchObject({ mode: 0o604, size: 5 });
    expect(await storage.info(remote)).toMatchObject({ mode: 0o711, type: 'directory' });
    await batch.failing([`chmod 600 ${remote}/missing`]);
    // Only root may give a real file away.
    if (suite.targetName === 'memory' || process.getuid?.() === 0) {
      await batch.ok([`chown 1234 ${remote}/file`, `chgrp 4321 ${remote}/file`]);
      expect(await storage.info(`${remote}/file`)).toMatchObject({ uid: 1234, gid: 4321 });
    }
  });

  it('makes hard and symbolic links, lists and follows them', async () => {
    const { local, remote } = await suite.workspace();
    const { storage } = suite.target;
    const data = seededBytes(40_000, 14);
    await storage.put(`${remote}/file`, data);
    await batch.ok([`cd ${remote}`, 'ln file hard', 'ln -s file soft', 'ln -s nowhere dangling']);
    expect(await storage.sha256(`${remote}/hard`)).toBe(sha256(data));
    expect(await storage.readLink(`${remote}/soft`)).toBe('file');
    expect(await storage.readLink(`${remote}/dangling`)).toBe('nowhere');
    await batch.failing([`cd ${remote}`, 'ln -s file soft']);
    await batch.failing([`cd ${remote}`, 'ln file hard']);
    await batch.failing([`cd ${remote}`, 'get dangling']);

    await batch.ok([`cd ${remote}`, 'get soft through', 'get hard'], { cwd: local });
    expect(await digestTree(local)).toEqual({ through: sha256(data), hard: sha256(data) });
    const { stdout } = await batch.ok([`cd ${remote}`, 'ls -l']);
    expect(stdout).toMatch(/^lrwx\S+ .* soft( -> file)?$/m);
    expect(stdout).toMatch(/^lrwx\S+ .* dangling( -> nowhere)?$/m);
    await batch.ok([`rm ${remote}/soft`, `rm ${remote}/file`]);
    expect(await storage.sha256(`${remote}/hard`)).toBe(sha256(data));
  });

  it('tells free space and inodes', async () => {
    const { remote } = await suite.workspace();
    const plain = await batch.ok([`df ${remote}`]);
    expect(plain.stdout).toMatch(
      /Size +Used +Avail +\(root\) +%Capacity\n *\d+ +\d+ +\d+ +\d+ +\d+%/,
    );
    const human = await batch.ok([`df -h ${remote}`]);
    expect(human.stdout).toMatch(/Size +Used +Avail.*\n *[\d.]+[KMGTPE]?B +[\d.]+[KMGTPE]?B/);
    const inodes = await batch.ok([`df -i ${remote}`]);
    expect(inodes.stdout).toMatch(/Inodes +Used +Avail.*\n *\d+ +\d+ +\d+/);
  });

  it('walks directories', async () => {
    const { local, remote } = await suite.workspace();
    await suite.target.storage.makeDir(`${remote}/sub`);
    await writeSeeded(join(local, 'inner/file'), 10, 15);
    const { stdout } = await batch.ok(
      [`cd ${remote}`, 'cd sub', 'pwd', 'cd ..', 'pwd', 'lcd inner', 'put file', 'cd /', 'pwd'],
      { cwd: local },
    );
    const places = [...stdout.matchAll(/working directory: (.*)$/gm)].map((match) => match[1]);
    expect(places).toEqual([`${remote}/sub`, remote, '/']);
    expect(await suite.target.storage.names(remote)).toEqual(['file', 'sub']);
    await batch.failing([`cd ${remote}/file`]);
    await batch.failing([`cd ${remote}/missing`]);
  });

  it('copies on the server', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    const data = seededBytes(3_000_001, 16);
    await storage.put(`${remote}/from`, data);
    await storage.put(`${remote}/empty`, Buffer.alloc(0));
    await batch.ok([`cp ${remote}/from ${remote}/to`, `cp ${remote}/empty ${remote}/empty-too`]);
    expect(await storage.sha256(`${remote}/to`)).toBe(sha256(data));
    expect(await storage.info(`${remote}/empty-too`)).toMatchObject({ size: 0 });
    await batch.failing([`cp ${remote}/missing ${remote}/other`]);
  });

  it.each([[['bye']], [['quit']], [[]]])('ends at once after %j', async (lines) => {
    const { elapsed } = await batch.ok(lines, { timeout: 20_000 });
    expect(elapsed).toBeLessThan(10_000);
  });
});

describeClient('OpenSSH sftp by sshpass', [sftp, sshpass], (suite) => {
  itByPassword(suite, 'logs in by password, and not by a wrong one', async (password) => {
    const { local, remote } = await suite.workspace();
    const digest = await writeSeeded(join(local, 'file'), 50_000, 17);
    const { target } = suite;
    const login = [
      programOf(sftp),
      ...[...asOptions(sshPasswordSettings(target)), '-b', '-'],
      `${target.username}@${target.host}`,
    ];
    const options = { home: target.home, cwd: local, input: `put file ${remote}/file\n` };
    await runFailing(programOf(sshpass), ['-p', 'wrong', ...login], options);
    await runOk(programOf(sshpass), ['-p', password, ...login], options);
    expect(await target.storage.sha256(`${remote}/file`)).toBe(digest);
  });
});

/** The names of an `ls -1` in a batch, without the echoed commands. */
function listed(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('sftp>'))
    .map((line) => line.trimEnd());
}
