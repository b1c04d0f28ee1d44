import { mkdir, writeFile, rm } from 'node:fs/promises';
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
import { Lftp } from '../support/lftp-client.js';
import { quoted, sshPasswordSettings } from '../support/openssh-client.js';
import { runFailing, runOk, type RunResult } from '../support/run-program.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(90_000);

const lftp = findProgram('lftp');
const ssh = findProgram('ssh');

describeClient('lftp', [lftp, ssh], (suite) => {
  let client: Lftp;
  beforeAll(() => {
    client = new Lftp(programOf(lftp), programOf(ssh), suite.target);
  });
  const commands = (...args: Parameters<Lftp['commands']>): Promise<RunResult> =>
    client.commands(...args);

  it('puts and gets files of every size and name', async () => {
    const { local, remote } = await suite.workspace();
    const names = await writeFlatFiles(local);
    const expected = await digestTree(local);
    await commands(
      names.map((name) => `put ${quoted(`./${name}`)} -o ${quoted(`${remote}/${name}`)}`),
      local,
    );
    expect(await digestStored(suite.target.storage, remote)).toEqual(expected);
    const back = join(local, 'back');
    await mkdir(back);
    await commands(
      names.map((name) => `get ${quoted(`${remote}/${name}`)} -o ${quoted(`./${name}`)}`),
      back,
    );
    expect(await digestTree(back)).toEqual(expected);
  });

  it('mirrors a tree both ways, several files at a time', async () => {
    const { local, remote } = await suite.workspace();
    await writeTree(join(local, 'tree'));
    const expected = await digestTree(join(local, 'tree'));
    await commands([`mirror -R --parallel=4 tree ${remote}/tree`], local);
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
    await commands([`mirror --parallel=4 ${remote}/tree back`], local);
    expect(await digestTree(join(local, 'back'))).toEqual(expected);
  });

  it('downloads one file in several segments', async () => {
    const { local, remote } = await suite.workspace();
    const data = seededBytes(5_000_003, 1);
    await suite.target.storage.put(`${remote}/file`, data);
    await commands([`pget -n 4 ${remote}/file -o file`], local);
    expect(await sha256OfFile(join(local, 'file'))).toBe(sha256(data));
  });

  it('brings a mirror up to date with --delete, both ways', async () => {
    const { local, remote } = await suite.workspace();
    const tree = join(local, 'tree');
    await writeSeeded(join(tree, 'stays'), 1000, 2);
    await writeSeeded(join(tree, 'sub/goes'), 1000, 3);
    await writeSeeded(join(tree, 'changes'), 1000, 4);
    await commands([`mirror -R tree ${remote}/tree`, `mirror ${remote}/tree back`], local);

    await rm(join(tree, 'sub'), { recursive: true });
    await writeSeeded(join(tree, 'changes'), 1500, 5);
    await writeSeeded(join(tree, 'new dir/new'), 10, 6);
    const expected = await digestTree(tree);
    await commands([`mirror -R --delete tree ${remote}/tree`], local);
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
    await commands([`mirror --delete ${remote}/tree back`], local);
    expect(await digestTree(join(local, 'back'))).toEqual(expected);
  });

  it('finds nothing to do in a second mirror, as times are kept', async () => {
    const { local, remote } = await suite.workspace();
    await writeSeeded(join(local, 'tree/file'), 1000, 7);
    await commands([`mirror -R tree ${remote}/tree`], local);
    const second = await commands([`mirror -R --verbose tree ${remote}/tree`], local);
    expect(second.stdout).not.toMatch(/Transferring file/);
  });

  it('resumes an upload and a download', async () => {
    const { local, remote } = await suite.workspace();
    const data = seededBytes(1_500_000, 8);
    await writeFile(join(local, 'whole'), data);
    await writeFile(join(local, 'part'), data.subarray(0, 700_001));
    await suite.target.storage.put(`${remote}/part`, data.subarray(0, 700_001));
    await commands([`put -c whole -o ${remote}/part`, `get -c ${remote}/part -o part`], local);
    expect(await suite.target.storage.sha256(`${remote}/part`)).toBe(sha256(data));
    expect(await sha256OfFile(join(local, 'part'))).toBe(sha256(data));
  });

  it('lists, changes, moves, links and removes', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    const data = seededBytes(12_345, 9);
    await storage.put(`${remote}/a file`, data);
    await commands([
      `cd ${remote}`,
      'mkdir -p d/e/f',
      'chmod 600 "a file"',
      'mv "a file" d/e/b',
      'ln -s d/e/b soft',
    ]);
    expect(await storage.info(`${remote}/d/e/b`)).toMatchObject({ mode: 0o600, size: 12_345 });
    expect(await storage.readLink(`${remote}/soft`)).toBe('d/e/b');
    expect(await storage.sha256(`${remote}/d/e/b`)).toBe(sha256(data));

    const inner = await commands([`cd ${remote}/d/e`, 'ls']);
    expect(inner.stdout).toMatch(/^-rw------- +\d+ +\S+ +\S+ +12345 \w{3} +\d+ +[\d:]+ b$/m);
    const list = await commands([`cd ${remote}`, 'ls']);
    expect(list.stdout).toMatch(/^drwx\S+ +\d+ +\S+ +\S+ +\d+ \w{3} +\d+ +[\d:]+ d$/m);
    expect(list.stdout).toMatch(/^lrwx\S+ .* soft( -> d\/e\/b)?$/m);
    const names = await commands([`cd ${remote}`, 'cls -1']);
    expect(names.stdout.trimEnd().split('\n').sort()).toEqual(['d/', 'soft@']);

    await commands([`cd ${remote}`, 'rm -r d', 'rm soft']);
    expect(await storage.names(remote)).toEqual([]);
  });

  it('says what it cannot do', async () => {
    const { local, remote } = await suite.workspace();
    await suite.target.storage.makeDir(`${remote}/d`);
    await suite.target.storage.put(`${remote}/d/f`, seededBytes(1, 10));
    await commands([`get ${remote}/missing`], local, runFailing);
    await commands([`rm ${remote}/missing`], local, runFailing);
    await commands([`rmdir ${remote}/d`], local, runFailing);
    await commands([`mkdir ${remote}/d`], local, runFailing);
    expect(await suite.target.storage.names(`${remote}/d`)).toEqual(['f']);
  });

  itByPassword(suite, 'logs in by password', async (password) => {
    const { local, remote } = await suite.workspace();
    const { target } = suite;
    const digest = await writeSeeded(join(local, 'file'), 50_000, 11);
    const text = client.script(sshPasswordSettings(target), password, [
      `put file -o ${remote}/file`,
    ]);
    await runOk(programOf(lftp), ['-c', text], { home: target.home, cwd: local });
    expect(await target.storage.sha256(`${remote}/file`)).toBe(digest);
  });
});
