import { chmod, mkdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it, jest } from '@jest/globals';
import { describeClient, findProgram, programOf } from '../support/client-tools.js';
import {
  digestTree,
  seededBytes,
  sha256,
  writeFlatFiles,
  writeSeeded,
  writeTree,
} from '../support/fixtures.js';
import { Scp } from '../support/openssh-client.js';
import { runFailing, type RunResult } from '../support/run-program.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(60_000);

const scp = findProgram('scp');
const WHEN = new Date('2003-04-05T06:07:08Z');

describeClient('OpenSSH scp', [scp], (suite) => {
  let client: Scp;
  beforeAll(() => {
    client = new Scp(programOf(scp), suite.target);
  });
  const copy = (...args: Parameters<Scp['copy']>): Promise<RunResult> => client.copy(...args);

  it('copies files of every size and name, both ways', async () => {
    const { local, remote } = await suite.workspace();
    const from = join(local, 'from');
    const back = join(local, 'back');
    await mkdir(from);
    await mkdir(back);
    const names = await writeFlatFiles(from);
    const expected = await digestTree(from);
    await copy([...names.map((name) => `./${name}`), `:${remote}`], from);
    expect(await digestStored(suite.target.storage, remote)).toEqual(expected);
    await copy([...names.map((name) => `:${remote}/${name}`), '.'], back);
    expect(await digestTree(back)).toEqual(expected);
  });

  it('copies directories with -r, both ways', async () => {
    const { local, remote } = await suite.workspace();
    await writeTree(join(local, 'tree'));
    const expected = await digestTree(join(local, 'tree'));
    await copy(['-r', 'tree', `:${remote}`], local);
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
    await copy(['-r', `:${remote}/tree`, 'back'], local);
    expect(await digestTree(join(local, 'back'))).toEqual(expected);
  });

  it('keeps mode and times with -p, both ways', async () => {
    const { local, remote } = await suite.workspace();
    await writeSeeded(join(local, 'kept'), 40_000, 1);
    await chmod(join(local, 'kept'), 0o750);
    await utimes(join(local, 'kept'), WHEN, WHEN);
    await copy(['-p', 'kept', `:${remote}/kept`], local);
    await copy(['-p', `:${remote}/kept`, 'back'], local);
    const modifiedAt = WHEN.getTime() / 1000;
    expect(await suite.target.storage.info(`${remote}/kept`)).toMatchObject({
      mode: 0o750,
      modifiedAt,
    });
    const back = await stat(join(local, 'back'));
    expect([back.mode & 0o7777, back.mtimeMs / 1000]).toEqual([0o750, modifiedAt]);
  });

  it('expands wildcards on the server', async () => {
    const { local, remote } = await suite.workspace();
    for (const name of ['a.bin', 'b.bin', 'c.txt']) {
      await suite.target.storage.put(`${remote}/${name}`, seededBytes(50, 2));
    }
    await copy([`:${remote}/*.bin`, '.'], local);
    expect(Object.keys(await digestTree(local)).sort()).toEqual(['a.bin', 'b.bin']);
  });

  it('copies from the server to itself through the client with -3', async () => {
    const { local, remote } = await suite.workspace();
    const data = seededBytes(600_000, 3);
    await suite.target.storage.put(`${remote}/a`, data);
    await copy(['-3', `:${remote}/a`, `:${remote}/b`], local);
    expect(await suite.target.storage.sha256(`${remote}/b`)).toBe(sha256(data));
  });

  it('replaces a longer file, and says what is missing', async () => {
    const { local, remote } = await suite.workspace();
    await suite.target.storage.put(`${remote}/file`, seededBytes(300_000, 4));
    const digest = await writeSeeded(join(local, 'short'), 10, 5);
    await copy(['short', `:${remote}/file`], local);
    expect(await suite.target.storage.sha256(`${remote}/file`)).toBe(digest);
    await copy([`:${remote}/missing`, '.'], local, runFailing);
    await copy(['short', `:${remote}/no/such/directory/`], local, runFailing);
  });

  if (suite.targetName !== 'openssh') {
    it('has the old protocol refused at once, in both directions', async () => {
      const { local, remote } = await suite.workspace();
      await writeSeeded(join(local, 'file'), 1000, 6);
      await suite.target.storage.put(`${remote}/there`, seededBytes(10, 7));
      for (const args of [
        ['-O', 'file', `:${remote}/file`],
        ['-O', `:${remote}/there`, '.'],
      ]) {
        const { elapsed, stderr } = await copy(args, local, runFailing, 20_000);
        expect(elapsed).toBeLessThan(5_000);
        expect(stderr).not.toBe('');
      }
      expect(await suite.target.storage.names(remote)).toEqual(['there']);
    });
  }
});
