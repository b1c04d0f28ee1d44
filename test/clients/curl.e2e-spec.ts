import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it, jest } from '@jest/globals';
import { describeClient, findProgram, itByPassword, programOf } from '../support/client-tools.js';
import { Curl, CURL_SETTINGS } from '../support/curl-client.js';
import {
  digestTree,
  seededBytes,
  sha256,
  sha256OfFile,
  writeFlatFiles,
  writeSeeded,
} from '../support/fixtures.js';
import { runFailing, runOk, type RunResult } from '../support/run-program.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(60_000);

const curl = findProgram('curl');

describeClient('curl', [curl], (suite) => {
  let client: Curl;
  beforeAll(() => {
    client = new Curl(programOf(curl), suite.target);
  });
  const url = (path: string): string => client.url(path);
  const transfer = (...args: Parameters<Curl['transfer']>): Promise<RunResult> =>
    client.transfer(...args);

  it('uploads and downloads files of every size and name', async () => {
    const { local, remote } = await suite.workspace();
    const names = await writeFlatFiles(local);
    const expected = await digestTree(local);
    await transfer(
      names.flatMap((name) => ['--upload-file', `./${name}`, url(`${remote}/${name}`)]),
      local,
    );
    expect(await digestStored(suite.target.storage, remote)).toEqual(expected);

    const back = join(local, 'back');
    await mkdir(back);
    await transfer(
      names.flatMap((name) => ['--output', `./${name}`, url(`${remote}/${name}`)]),
      back,
    );
    expect(await digestTree(back)).toEqual(expected);
  });

  it('lists a directory, long and by names', async () => {
    const { remote } = await suite.workspace();
    await suite.target.storage.makeDir(`${remote}/sub dir`);
    await suite.target.storage.put(`${remote}/日本語.txt`, seededBytes(12_345, 1));
    const long = await transfer([url(`${remote}/`)]);
    expect(long.stdout).toMatch(/^-rw\S+ +\d+ +\S+ +\S+ +12345 \w{3} +\d+ +[\d:]+ 日本語\.txt$/m);
    expect(long.stdout).toMatch(/^drwx\S+ +\d+ +\S+ +\S+ +\d+ \w{3} +\d+ +[\d:]+ sub dir$/m);
    const names = await transfer(['--list-only', url(`${remote}/`)]);
    expect(names.stdout.trimEnd().split('\n').sort()).toEqual(['.', '..', 'sub dir', '日本語.txt']);
  });

  it('resumes an upload and a download', async () => {
    const { local, remote } = await suite.workspace();
    const data = seededBytes(1_500_000, 2);
    await writeFile(join(local, 'whole'), data);
    await writeFile(join(local, 'part'), data.subarray(0, 700_001));
    await suite.target.storage.put(`${remote}/part`, data.subarray(0, 700_001));
    await transfer(['--continue-at', '-', '--upload-file', 'whole', url(`${remote}/part`)], local);
    expect(await suite.target.storage.sha256(`${remote}/part`)).toBe(sha256(data));
    await transfer(['--continue-at', '-', '--output', 'part', url(`${remote}/part`)], local);
    expect(await sha256OfFile(join(local, 'part'))).toBe(sha256(data));
  });

  it('downloads a range', async () => {
    const { remote } = await suite.workspace();
    await suite.target.storage.put(`${remote}/text`, Buffer.from('0123456789abcdef'));
    const { stdout } = await transfer(['--range', '4-9', url(`${remote}/text`)]);
    expect(stdout).toBe('456789');
  });

  it('appends to a file', async () => {
    const { local, remote } = await suite.workspace();
    const data = seededBytes(90_000, 3);
    await writeFile(join(local, 'rest'), data.subarray(40_000));
    await suite.target.storage.put(`${remote}/log`, data.subarray(0, 40_000));
    await transfer(['--append', '--upload-file', 'rest', url(`${remote}/log`)], local);
    expect(await suite.target.storage.sha256(`${remote}/log`)).toBe(sha256(data));
  });

  it('makes missing directories when told to, and fails when not', async () => {
    const { local, remote } = await suite.workspace();
    const digest = await writeSeeded(join(local, 'file'), 1000, 4);
    const place = url(`${remote}/a/b/c/file`);
    await transfer(['--upload-file', 'file', place], local, runFailing);
    await transfer(['--ftp-create-dirs', '--upload-file', 'file', place], local);
    expect(await suite.target.storage.sha256(`${remote}/a/b/c/file`)).toBe(digest);
  });

  it('renames, links, changes and removes by commands', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    const data = seededBytes(10, 5);
    await storage.put(`${remote}/a`, data);
    const quote = (...commands: string[]): Promise<RunResult> =>
      transfer([...commands.flatMap((command) => ['--quote', command]), url(`${remote}/`)]);
    await quote(
      `mkdir ${remote}/d`,
      `rename ${remote}/a ${remote}/d/b`,
      `chmod 600 ${remote}/d/b`,
      `symlink ${remote}/d/b ${remote}/link`,
    );
    expect(await storage.readLink(`${remote}/link`)).toBe(`${remote}/d/b`);
    expect(await storage.info(`${remote}/d/b`)).toMatchObject({ mode: 0o600 });
    expect(await storage.sha256(`${remote}/d/b`)).toBe(sha256(data));
    await quote(`rm ${remote}/link`, `rm ${remote}/d/b`, `rmdir ${remote}/d`);
    expect(await storage.names(remote)).toEqual([]);
  });

  it('says what is missing', async () => {
    const { remote } = await suite.workspace();
    const { code } = await transfer([url(`${remote}/missing`)], undefined, runFailing);
    expect(code).toBe(78);
  });

  itByPassword(suite, 'logs in by password, and not by a wrong one', async (password) => {
    const { remote } = await suite.workspace();
    const { target } = suite;
    await target.storage.put(`${remote}/text`, Buffer.from('hello'));
    const args = (secret: string): string[] => [
      ...[...CURL_SETTINGS, '--user', `${target.username}:${secret}`],
      url(`${remote}/text`),
    ];
    const { stdout } = await runOk(programOf(curl), args(password), { home: target.home });
    expect(stdout).toBe('hello');
    const { code } = await runFailing(programOf(curl), args('wrong'), { home: target.home });
    expect(code).toBe(67);
  });
});
