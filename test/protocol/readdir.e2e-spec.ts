import { describe, expect, it } from '@jest/globals';

import { listAll, putFile } from '../support/raw-files.js';
import {
  close,
  hardlink,
  lstat,
  mkdir,
  open,
  opendir,
  readdir,
  remove,
  rmdir,
  setstat,
  symlink,
} from '../support/raw-requests.js';
import type { RawName } from '../support/raw-replies.js';
import { outcomeOf, type RawSftpClient } from '../support/raw-sftp-client.js';
import { itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { FXF } from '../support/raw-wire.js';

/** The draft's section 3: every client takes packets of at least 34000 bytes, and may take no more. */
const SAFE_PAGE = 34_000;
/** Permissions, links, owner, group, size, month, day, time or year, name. */
const LS_LINE =
  /^([-dlbcps](?:[-r][-w][-xsStT]){3}) +(\d+) +(\S+) +(\S+) +(\d+) +(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\d{1,2}) +(\d\d:\d\d|\d{4}) (.+)$/;

async function makeMany(sftp: RawSftpClient, dir: string, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += 250) {
    const some = names.slice(at, at + 250).map((name) => mkdir(`${dir}/${name}`));
    const replies = await sftp.pipeline(some);
    if (replies.some((reply) => outcomeOf(reply) !== 'OK')) throw new Error('MKDIR failed');
  }
}

function line(entry: RawName): RegExpExecArray {
  const columns = LS_LINE.exec(entry.longname);
  if (!columns) throw new Error(`Not a line of ls -l: ${JSON.stringify(entry.longname)}`);
  return columns;
}

describe.each(STORAGES)('READDIR over %s', (storage) => {
  const target = useTarget(storage);

  it('lists each entry once with `.` and `..`, and the attributes that LSTAT gives', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/file`, '12345');
    await sftp.ok(mkdir(`${dir}/directory`));
    await sftp.ok(symlink('file', `${dir}/link`));
    await sftp.ok(symlink('nowhere', `${dir}/dangling`));
    await sftp.ok(hardlink(`${dir}/file`, `${dir}/second name`));
    await sftp.ok(setstat(`${dir}/file`, { permissions: 0o4751, atime: 1e9, mtime: 1e9 }));
    const entries = await listAll(sftp, dir);
    expect(entries.map(({ filename }) => filename).sort()).toEqual(
      ['.', '..', 'dangling', 'directory', 'file', 'link', 'second name'].sort(),
    );
    for (const { filename, attrs } of entries) {
      const path = filename === '..' ? dir.replace(/\/[^/]*$/, '') || '/' : `${dir}/${filename}`;
      // listing a directory may count as an access to it
      const { atime: _listed, ...listed } = attrs;
      const { atime: _told, ...told } = await sftp.attrs(lstat(path));
      expect({ filename, ...listed }).toEqual({ filename, ...told });
    }
  });

  it('lists 5000 entries with long names, whole, and then EOF again and again', async () => {
    const { sftp, dir } = await target.fresh();
    const names = Array.from({ length: 5000 }, (_each, n) => `${n}-${'n'.repeat(190)}-ü`);
    await makeMany(sftp, dir, names);
    const handle = await sftp.handle(opendir(dir));
    const listed: string[] = [];
    let pages = 0;
    for (;;) {
      const reply = await sftp.request(readdir(handle));
      if (reply.kind !== 'NAME') {
        expect(outcomeOf(reply)).toBe('EOF');
        break;
      }
      pages++;
      expect(reply.names.length).toBeGreaterThan(0);
      if (storage !== 'openssh') expect(reply.bytes).toBeLessThanOrEqual(SAFE_PAGE);
      listed.push(...reply.names.map(({ filename }) => filename));
    }
    expect(listed.sort()).toEqual(['.', '..', ...names].sort());
    // pages that are far too small would cost a round trip each
    expect(pages).toBeLessThan(150);
    expect(await sftp.status(readdir(handle))).toBe('EOF');
    expect(await sftp.status(readdir(handle))).toBe('EOF');
    await sftp.ok(close(handle));
  });

  it('answers pipelined READDIRs one page each, none lost and none twice', async () => {
    const { sftp, dir } = await target.fresh();
    const names = Array.from({ length: 700 }, (_each, n) => `${n}-${'m'.repeat(200)}`);
    await makeMany(sftp, dir, names);
    const handle = await sftp.handle(opendir(dir));
    const replies = await sftp.pipeline(Array.from({ length: 64 }, () => readdir(handle)));
    const listed = replies.flatMap((reply) =>
      reply.kind === 'NAME' ? reply.names.map(({ filename }) => filename) : [],
    );
    expect(listed.sort()).toEqual(['.', '..', ...names].sort());
    const after = replies.slice(replies.findIndex(({ kind }) => kind !== 'NAME'));
    expect(new Set(after.map(outcomeOf))).toEqual(new Set(['EOF']));
    await sftp.ok(close(handle));
  });

  it('a listing that is closed before its end leaves the channel and the directory usable', async () => {
    const { sftp, dir } = await target.fresh();
    const names = Array.from({ length: 500 }, (_each, n) => `${n}-${'k'.repeat(200)}`);
    await makeMany(sftp, dir, names);
    const handle = await sftp.handle(opendir(dir));
    const [first, , closed] = await sftp.pipeline([
      readdir(handle),
      readdir(handle),
      close(handle),
      readdir(handle),
    ]);
    expect(first?.kind).toBe('NAME');
    expect(closed && outcomeOf(closed)).toBe('OK');
    expect(await listAll(sftp, dir)).toHaveLength(502);
  });

  it('two listings of one directory do not disturb each other', async () => {
    const { sftp, dir } = await target.fresh();
    await makeMany(sftp, dir, ['a', 'b', 'c']);
    const first = await sftp.handle(opendir(dir));
    const second = await sftp.handle(opendir(dir));
    expect(await sftp.names(readdir(first))).toHaveLength(5);
    expect(await sftp.names(readdir(second))).toHaveLength(5);
    expect(await sftp.status(readdir(first))).toBe('EOF');
    await sftp.ok(close(first));
    expect(await sftp.status(readdir(second))).toBe('EOF');
  });

  it('survives that the directory or its entries are removed meanwhile', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(mkdir(`${dir}/d`));
    await putFile(sftp, `${dir}/d/f`, 'x');
    const handle = await sftp.handle(opendir(`${dir}/d`));
    await sftp.ok(remove(`${dir}/d/f`));
    await sftp.ok(rmdir(`${dir}/d`));
    for (let n = 0; n < 3; n++) {
      expect(['NAME', 'EOF', 'NO_SUCH_FILE']).toContain(await sftp.outcome(readdir(handle)));
    }
    await sftp.ok(close(handle));
    await sftp.alive();
  });

  it('lists names with spaces, umlauts, quotes and line ends as they are', async () => {
    const { sftp, dir } = await target.fresh();
    const names = ['two  spaces', ' leading', 'trailing ', 'übung ☃', '"quote\'', 'new\nline', '-'];
    await makeMany(sftp, dir, names);
    const listed = (await listAll(sftp, dir)).map(({ filename }) => filename);
    expect(listed.sort()).toEqual(['.', '..', ...names].sort());
  });

  it('writes longname as ls -l does: nine columns that clients take apart', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/a file with spaces`, '12345');
    await sftp.ok(setstat(`${dir}/a file with spaces`, { permissions: 0o640 }));
    await sftp.ok(symlink('a file with spaces', `${dir}/link`));
    await sftp.ok(mkdir(`${dir}/sub`, { permissions: 0o755 }));
    const huge = await sftp.handle(open(`${dir}/huge`, FXF.WRITE | FXF.CREAT));
    await sftp.ok(close(huge));
    const size = 10n * 2n ** 30n + 1n;
    await sftp.ok(setstat(`${dir}/huge`, { size, permissions: 0o6711, atime: 1e9, mtime: 1e9 }));
    const entries = new Map((await listAll(sftp, dir)).map((each) => [each.filename, each]));
    const columns = (name: string): RegExpExecArray => {
      const entry = entries.get(name);
      if (!entry) throw new Error(`${name} is not listed`);
      return line(entry);
    };
    for (const name of entries.keys()) expect(columns(name)[9]).toBe(name);
    expect(columns('a file with spaces')[1]).toBe('-rw-r-----');
    expect(columns('a file with spaces')[5]).toBe('5');
    expect(columns('a file with spaces')[8]).toMatch(/^\d\d:\d\d$/);
    expect(columns('link')[1]).toMatch(/^l/);
    expect(entries.get('link')?.longname).not.toContain(' -> ');
    expect(columns('sub')[1]).toBe('drwxr-xr-x');
    expect(columns('huge')[1]).toBe('-rws--s--x');
    expect(columns('huge')[5]).toBe(String(size));
    expect(columns('huge').slice(6, 9)).toEqual(['Sep', expect.stringMatching(/^[89]$/), '2001']);
  });

  itOfOurs('counts the links of a file in its second column', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/a`, 'x');
    await sftp.ok(hardlink(`${dir}/a`, `${dir}/b`));
    const entry = (await listAll(sftp, dir)).find(({ filename }) => filename === 'b');
    expect(entry && line(entry)[2]).toBe('2');
  });
});
