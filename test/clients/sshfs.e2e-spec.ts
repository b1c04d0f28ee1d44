import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeClient, findProgram } from '../support/client-tools.js';
import { digestTree, seededBytes, sha256, writeSeeded, writeTree } from '../support/fixtures.js';
import type { RunResult } from '../support/run-program.js';
import { SshfsMount, sshfsNeeds } from '../support/sshfs-mount.js';
import { digestStored } from '../support/storage-probe.js';

jest.setTimeout(120_000);

const git = findProgram('git');
const tar = findProgram('tar');
const rsync = findProgram('rsync');

describeClient('sshfs', sshfsNeeds(), (suite) => {
  let mount: SshfsMount;
  beforeAll(async () => {
    mount = await SshfsMount.make(suite.target);
  });
  afterAll(() => mount.unmount());
  const shell = (...args: Parameters<SshfsMount['shell']>): Promise<RunResult> =>
    mount.shell(...args);

  it('copies a tree in and out', async () => {
    const { local, remote } = await suite.workspace();
    await writeTree(join(local, 'tree'));
    const expected = await digestTree(join(local, 'tree'));
    await shell('cp -r "$1/tree" ".$2/tree"; cp -r ".$2/tree" "$1/back"', local, remote);
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
    expect(await digestTree(join(local, 'back'))).toEqual(expected);
  });

  it('reads, moves and removes', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    await storage.put(`${remote}/a`, Buffer.from('hello\n'));
    const { stdout } = await shell(
      'cd ".$1"; cat a; mkdir -p d/e/f; mv a d/e/b; mv d/e moved; cp moved/b c; mv c moved/b; rm -r d',
      remote,
    );
    expect(stdout).toBe('hello\n');
    expect(await digestStored(storage, remote)).toEqual({
      moved: 'directory',
      'moved/b': sha256(Buffer.from('hello\n')),
      'moved/f': 'directory',
    });
  });

  it('writes in the middle, appends and truncates', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    const data = seededBytes(1_000_000, 1);
    await storage.put(`${remote}/file`, data);
    await shell(
      'cd ".$1"; printf MIDDLE | dd of=file bs=1 seek=500001 conv=notrunc status=none; printf END >>file',
      remote,
    );
    data.write('MIDDLE', 500_001);
    const expected = Buffer.concat([data, Buffer.from('END')]);
    expect(await storage.sha256(`${remote}/file`)).toBe(sha256(expected));

    await shell('cd ".$1"; truncate -s 1000 file; truncate -s 5000 file', remote);
    const cut = Buffer.concat([expected.subarray(0, 1000), Buffer.alloc(4000)]);
    expect(await storage.sha256(`${remote}/file`)).toBe(sha256(cut));
    await shell('cd ".$1"; printf short >file', remote);
    expect(await storage.sha256(`${remote}/file`)).toBe(sha256(Buffer.from('short')));
  });

  it('changes modes and times, and links', async () => {
    const { remote } = await suite.workspace();
    const { storage } = suite.target;
    await storage.put(`${remote}/file`, Buffer.from('x'));
    const { stdout } = await shell(
      'cd ".$1"; chmod 604 file; touch -d 2001-02-03T04:05:06Z file; ln -s file soft; ln file hard;' +
        'readlink soft; cat soft; stat -c " %a %s" hard',
      remote,
    );
    expect(stdout).toBe('file\nx 604 1\n');
    expect(await storage.info(`${remote}/file`)).toMatchObject({
      mode: 0o604,
      modifiedAt: Date.UTC(2001, 1, 3, 4, 5, 6) / 1000,
    });
    expect(await storage.readLink(`${remote}/soft`)).toBe('file');
    expect(await storage.sha256(`${remote}/hard`)).toBe(sha256(Buffer.from('x')));
  });

  it('tells free space', async () => {
    const { stdout } = await shell('df -P .');
    expect(stdout).toMatch(/\s[1-9]\d* +\d+ +\d+ +\d+% /);
  });

  (git.usable ? it : it.skip)('holds a git repository', async () => {
    const { remote } = await suite.workspace();
    const { stdout } = await shell(
      `cd ".$1"
      export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org GIT_CONFIG_NOSYSTEM=1
      export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.org
      repository() { git -c safe.directory='*' -c gc.auto=0 "$@"; }
      repository init -q -b main repo
      cd repo
      for i in 1 2 3; do
        echo "line $i" >>file
        repository add file
        repository commit -q -m "commit $i"
      done
      repository fsck --strict 1>&2
      repository status --porcelain
      repository log --format=%s`,
      remote,
    );
    expect(stdout).toBe('commit 3\ncommit 2\ncommit 1\n');
  });

  (tar.usable ? it : it.skip)('takes an unpacked archive', async () => {
    const { local, remote } = await suite.workspace();
    await writeTree(join(local, 'tree'));
    const expected = await digestTree(join(local, 'tree'));
    await shell('tar cf "$1/a.tar" -C "$1" tree; tar xf "$1/a.tar" -C ".$2"', local, remote);
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
  });

  (rsync.usable ? it : it.skip)('is kept up to date by rsync, in place', async () => {
    const { local, remote } = await suite.workspace();
    await writeTree(join(local, 'tree'));
    await shell('rsync -a --inplace "$1/tree" ".$2/"', local, remote);
    await writeSeeded(join(local, 'tree/one.bin'), 10, 2);
    await rm(join(local, 'tree/empty.bin'));
    await shell('rsync -a --inplace --no-whole-file --delete "$1/tree" ".$2/"', local, remote);
    expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(
      await digestTree(join(local, 'tree')),
    );
  });
});
