import { mkdir, writeFile } from 'node:fs/promises';
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
import { Psftp, psftpWord as word } from '../support/psftp-client.js';
import { runFailing, runOk, type RunResult } from '../support/run-program.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(90_000);

const psftp = findProgram('psftp');
const puttygen = findProgram('puttygen');

describeClient('psftp', [psftp, puttygen], (suite) => {
  let client: Psftp;
  beforeAll(async () => {
    client = new Psftp(programOf(psftp), suite.target);
    await client.makeKey(programOf(puttygen));
  });
  const commands = (...args: Parameters<Psftp['commands']>): Promise<RunResult> =>
    client.commands(...args);

  it('puts and gets files of every size and name', async () => {
    const { local, remote } = await suite.workspace();
    const names = await writeFlatFiles(local);
    const expected = await digestTree(local);
    await commands(
      names.map((name) => `put ${word(`./${name}`)} ${word(`${remote}/${name}`)}`),
      local,
    );
    expect(await digestStored(suite.target.storage, remote)).toEqual(expected);
    const back = join(local, 'back');
    await mkdir(back);
    await commands(
      names.map((name) => `get ${word(`${remote}/${name}`)} ${word(`./${name}`)}`),
      back,
    );
    expect(await digestTree(back)).toEqual(expected);
  });

  it('puts and gets directories with -r, and several files with mput and mget', async () => {
    const { local, remote } = await suite.workspace();
    await writeTree(join(local, 'tree'));
    const expected = await digestTree(join(local, 'tree'));
    await commands([`put -r tree ${remote}/tree`], local);
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
    await commands([`get -r ${remote}/tree back`], local);
    expect(await digestTree(join(local, 'back'))).toEqual(expected);

    const flat = join(local, 'flat');
    await mkdir(flat);
    await commands([`cd ${remote}/tree`, 'lcd flat', 'mget *.bin'], local);
    const { storage } = suite.target;
    await storage.makeDir(`${remote}/flat`);
    await commands([`cd ${remote}/flat`, 'lcd flat', 'mput *.bin'], local);
    expect(await digestStored(storage, `${remote}/flat`)).toEqual(await digestTree(flat));
    expect(Object.keys(await digestTree(flat))).toHaveLength(6);
  });

  it('resumes an upload and a download', async () => {
    const { local, remote } = await suite.workspace();
    const data = seededBytes(1_500_000, 1);
    await writeFile(join(local, 'whole'), data);
    await writeFile(join(local, 'part'), data.subarray(0, 700_001));
    await suite.target.storage.put(`${remote}/part`, data.subarray(0, 700_001));
    await commands([`reput whole ${remote}/part`, `reget ${remote}/part part`], local);
    expect(await suite.target.storage.sha256(`${remote}/part`)).toBe(sha256(data));
    expect(await sha256OfFile(join(local, 'part'))).toBe(sha256(data));
  });

  it('lists, changes, moves and removes', async () => {
    const { local, remote } = await suite.workspace();
    const { storage } = suite.target;
    await storage.put(`${remote}/a file`, seededBytes(12_345, 2));
    await commands(
      [`cd ${remote}`, 'mkdir d', 'chmod 640 "a file"', 'mv "a file" d/b', 'mkdir d/e', 'pwd'],
      local,
    );
    expect(await storage.info(`${remote}/d/b`)).toMatchObject({ mode: 0o640, size: 12_345 });
    const { stdout } = await commands([`cd ${remote}/d`, 'ls'], local);
    expect(stdout).toMatch(/^-rw-r----- +\d+ +\S+ +\S+ +12345 \w{3} +\d+ +[\d:]+ b\r?$/m);
    expect(stdout).toMatch(/^drwx\S+ +\d+ +\S+ +\S+ +\d+ \w{3} +\d+ +[\d:]+ e\r?$/m);
    await commands([`cd ${remote}`, 'del d/b', 'rmdir d/e', 'rmdir d'], local);
    expect(await storage.names(remote)).toEqual([]);
  });

  it('says what it cannot do', async () => {
    const { local, remote } = await suite.workspace();
    await suite.target.storage.makeDir(`${remote}/d`);
    await suite.target.storage.put(`${remote}/d/f`, seededBytes(1, 3));
    await commands([`get ${remote}/missing`], local, runFailing);
    await commands([`del ${remote}/missing`], local, runFailing);
    await commands([`rmdir ${remote}/d`], local, runFailing);
    await commands([`mkdir ${remote}/d`], local, runFailing);
    expect(await suite.target.storage.names(`${remote}/d`)).toEqual(['f']);
  });

  itByPassword(suite, 'logs in by password, and not by a wrong one', async (password) => {
    const { local, remote } = await suite.workspace();
    const digest = await writeSeeded(join(local, 'file'), 50_000, 4);
    const lines = [`put file ${remote}/file`];
    await commands(lines, local, runFailing, ['-pw', 'wrong']);
    await commands(lines, local, runOk, ['-pw', password]);
    expect(await suite.target.storage.sha256(`${remote}/file`)).toBe(digest);
  });
});
