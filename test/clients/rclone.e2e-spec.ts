import { rm, writeFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it, jest } from '@jest/globals';
import { describeClient, findProgram, itByPassword, programOf } from '../support/client-tools.js';
import { digestTree, seededBytes, sha256, writeSeeded, writeTree } from '../support/fixtures.js';
import { Rclone } from '../support/rclone-client.js';
import { runFailing, runOk, type RunResult } from '../support/run-program.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(90_000);

const rclone = findProgram('rclone');
const WHEN = new Date('2004-05-06T07:08:09Z');

describeClient('rclone', [rclone], (suite) => {
  let client: Rclone;
  beforeAll(() => {
    client = new Rclone(programOf(rclone), suite.target);
  });
  const work = (...args: Parameters<Rclone['work']>): Promise<RunResult> => client.work(...args);

  it('copies a tree both ways, and check --download finds no difference', async () => {
    const { local, remote } = await suite.workspace();
    await writeTree(join(local, 'tree'));
    const expected = await digestTree(join(local, 'tree'));
    await work(['copy', '--create-empty-src-dirs', 'tree', `server:${remote}/tree`], local);
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
    await work(['check', '--download', 'tree', `server:${remote}/tree`], local);
    await work(['copy', '--create-empty-src-dirs', `server:${remote}/tree`, 'back'], local);
    expect(await digestTree(join(local, 'back'))).toEqual(expected);
  });

  it('finds a difference with check --download', async () => {
    const { local, remote } = await suite.workspace();
    await writeSeeded(join(local, 'tree/file'), 1000, 1);
    await suite.target.storage.put(`${remote}/file`, seededBytes(1000, 2));
    await work(['check', '--download', 'tree', `server:${remote}`], local, runFailing);
  });

  it('syncs: brings what is new, removes what is gone, leaves the rest', async () => {
    const { local, remote } = await suite.workspace();
    const tree = join(local, 'tree');
    await writeSeeded(join(tree, 'stays'), 1000, 3);
    await writeSeeded(join(tree, 'sub/goes'), 1000, 4);
    await writeSeeded(join(tree, 'changes'), 1000, 5);
    await work(['sync', 'tree', `server:${remote}/tree`], local);
    await rm(join(tree, 'sub'), { recursive: true });
    await writeSeeded(join(tree, 'changes'), 1500, 6);
    await writeSeeded(join(tree, 'new dir/new'), 10, 7);
    const { stderr } = await work(['sync', '-v', 'tree', `server:${remote}/tree`], local);
    expect(stderr).not.toMatch(/stays: Copied/);
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(
      await digestTree(tree),
    );
  });

  it('keeps times both ways and lists them', async () => {
    const { local, remote } = await suite.workspace();
    await writeSeeded(join(local, 'tree/dated file'), 4321, 8);
    await utimes(join(local, 'tree/dated file'), WHEN, WHEN);
    await work(['copy', 'tree', `server:${remote}`], local);
    const { stdout } = await work(['lsl', `server:${remote}`]);
    expect(stdout).toMatch(/^ *4321 2004-05-06 07:08:09\.000000000 dated file$/m);
    await work(['copy', `server:${remote}`, 'back'], local);
    expect((await stat(join(local, 'back/dated file'))).mtime).toEqual(WHEN);
    const again = await work(['copy', '-v', 'tree', `server:${remote}`], local);
    expect(again.stderr).not.toMatch(/Copied/);
  });

  it('moves and renames on the server', async () => {
    const { local, remote } = await suite.workspace();
    const { storage } = suite.target;
    const data = seededBytes(70_000, 9);
    await storage.put(`${remote}/a`, data);
    await work(['moveto', `server:${remote}/a`, `server:${remote}/sub/b`]);
    await work(['move', `server:${remote}/sub`, `server:${remote}/other`]);
    expect(await storage.sha256(`${remote}/other/b`)).toBe(sha256(data));
    expect(await storage.info(`${remote}/a`)).toBeUndefined();
    await writeFile(join(local, 'file'), data);
    await work(['moveto', 'file', `server:${remote}/other/b`], local);
    await work(['moveto', `server:${remote}/other/b`, 'back'], local);
    expect(await digestTree(local)).toEqual({ back: sha256(data) });
  });

  it('overwrites, reads, removes one file, and purges a directory', async () => {
    const { local, remote } = await suite.workspace();
    const { storage } = suite.target;
    await writeFile(join(local, 'file'), 'short');
    await storage.makeDir(`${remote}/d`);
    await storage.put(`${remote}/d/file`, seededBytes(100_000, 10));
    await work(['copy', 'file', `server:${remote}/d`], local);
    expect((await work(['cat', `server:${remote}/d/file`])).stdout).toBe('short');
    await work(['mkdir', `server:${remote}/d/empty`]);
    await work(['deletefile', `server:${remote}/d/file`]);
    expect(await storage.names(`${remote}/d`)).toEqual(['empty']);
    await work(['purge', `server:${remote}/d`]);
    expect(await storage.names(remote)).toEqual([]);
    await work(['deletefile', `server:${remote}/d/file`], undefined, runFailing);
  });

  it('tells free space', async () => {
    const { stdout } = await work(['about', '--json', 'server:']);
    const about = JSON.parse(stdout) as Record<string, number>;
    expect(about['total']).toBeGreaterThan(0);
    expect(about['free']).toBeLessThanOrEqual(about['total'] ?? 0);
  });

  itByPassword(suite, 'logs in by password', async (password) => {
    const { remote } = await suite.workspace();
    await suite.target.storage.put(`${remote}/text`, Buffer.from('hello'));
    const { stdout: hidden } = await work(['obscure', password]);
    const { stdout } = await work(['cat', `server:${remote}/text`], undefined, runOk, {
      RCLONE_CONFIG_SERVER_PASS: hidden.trim(),
    });
    expect(stdout).toBe('hello');
  });
});
