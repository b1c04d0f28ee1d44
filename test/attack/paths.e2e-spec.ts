import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { useServerUnderAttack } from '../support/attack/under-attack.js';
import { startFlipper } from '../support/attack/flipper.js';
import { connectAs } from '../support/attack/honest-client.js';
import { RawConnection } from '../support/raw-server.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import {
  close,
  lstat,
  open,
  opendir,
  read,
  readdir as readNames,
  realpath,
  remove,
  rename,
  setstat,
  stat,
  symlink as makeLink,
  write,
} from '../support/raw-requests.js';
import { FXF } from '../support/raw-wire.js';

const SECRET = 'what stands outside of the root';

/** Spellings of the way from a directory of the root to the file outside of it. */
const SPELLINGS: readonly (string | Buffer)[] = [
  '../secret',
  '../../secret',
  '/../secret',
  '/../../../../../../secret',
  'in/../../secret',
  './.././secret',
  '..//secret',
  '//..//secret',
  '/in//..//../secret',
  '..\\secret',
  '..\\..\\secret',
  '\\..\\secret',
  '/in\\..\\..\\secret',
  '%2e%2e/secret',
  '%2e%2e%2fsecret',
  '..%2fsecret',
  '..%252fsecret',
  '..%c0%afsecret',
  '.. /secret',
  '.../secret',
  '..../secret',
  '../secret/.',
  '../secret.',
  '../secret\u0000.txt',
  '..\u0000/secret',
  '\u0000/../secret',
  // look-alikes, and what NFKC would make of them
  '\u2025/secret',
  '\uff0e\uff0e/secret',
  '..\uff0fsecret',
  '..\u2215secret',
  '..\u2044secret',
  '\u2024\u2024/secret',
  '.\u200b./secret',
  '.\u0307./secret',
  '..\ufeff/secret',
  '~/../secret',
  '~root/secret',
  'C:\\secret',
  '\\\\localhost\\secret',
  'file:///secret',
  // overlong and broken UTF-8 of '.' and '/'
  Buffer.from('2e2ec0af736563726574', 'hex'),
  Buffer.from('c0aec0ae2f736563726574', 'hex'),
  Buffer.from('e080aee080ae2f736563726574', 'hex'),
  Buffer.from('2e2ee080af736563726574', 'hex'),
  Buffer.from('2e2eff2f736563726574', 'hex'),
  Buffer.from('2e2eeda0802f736563726574', 'hex'),
];

describe('paths', () => {
  let place = '';
  let root = '';

  beforeAll(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'attacked-'));
    root = path.join(place, 'root');
    await mkdir(path.join(root, 'in'), { recursive: true });
    await mkdir(path.join(place, 'outside'));
    await writeFile(path.join(place, 'secret'), SECRET);
    await writeFile(path.join(place, 'outside', 'file'), SECRET);
  });

  afterAll(() => rm(place, { recursive: true, force: true }));

  const attacked = useServerUnderAttack(() => ({ root }));

  async function connect(): Promise<{ sftp: RawSftpClient; end: () => Promise<void> }> {
    const connection = new RawConnection(await connectAs(attacked.port));
    const sftp = await connection.channel();
    await sftp.init();
    return { sftp, end: () => connection.end() };
  }

  /** What stands outside of the root is what was there. */
  async function outsideIsUntouched(): Promise<void> {
    expect((await readdir(place)).sort()).toEqual(['outside', 'root', 'secret']);
    expect(await readdir(path.join(place, 'outside'))).toEqual(['file']);
    expect(await readFile(path.join(place, 'secret'), 'utf8')).toBe(SECRET);
    expect(await readFile(path.join(place, 'outside', 'file'), 'utf8')).toBe(SECRET);
  }

  /** Opens for reading, and says what comes. */
  async function contentOf(sftp: RawSftpClient, name: string | Buffer): Promise<string> {
    const reply = await sftp.request(open(name, FXF.READ));
    if (reply.kind !== 'HANDLE') return '';
    const data = await sftp.request(read(reply.handle, 0, 100));
    await sftp.request(close(reply.handle));
    return data.kind === 'DATA' ? data.data.toString('latin1') : '';
  }

  it('no spelling leaves the root', async () => {
    await attacked.survives(
      async () => {
        const { sftp, end } = await connect();
        for (const name of SPELLINGS) {
          expect(await contentOf(sftp, name)).not.toContain('outside');
          const wide = open(name, FXF.WRITE | FXF.CREAT | FXF.TRUNC);
          const made = await sftp.request(wide);
          if (made.kind === 'HANDLE') {
            await sftp.ok(write(made.handle, 0, 'overwritten'));
            await sftp.ok(close(made.handle));
          }
          for (const hostile of [
            stat(name),
            lstat(name),
            realpath(name),
            setstat(name, { permissions: 0o777, mtime: 1, atime: 1 }),
            opendir(name),
            rename('/in', name),
            rename(name, '/stolen'),
            remove(name),
          ]) {
            await sftp.request(hostile);
          }
          await sftp.request(rename(name, '/in'));
        }
        await outsideIsUntouched();
        await end();
      },
      { lines: 200, says: /Closed after .* 1 channel, \d{3,} requests/ },
    );
  });

  it('a link that a client makes leads nowhere outside', async () => {
    await attacked.survives(async () => {
      const { sftp, end } = await connect();
      for (const target of [
        '../secret',
        '/../secret',
        path.join(place, 'secret'),
        '../../../../../../etc/passwd',
        '/proc/self/root/etc/passwd',
      ]) {
        await sftp.request(remove('/led'));
        await sftp.request(makeLink(target, '/led'));
        const content = await contentOf(sftp, '/led');
        expect(content).not.toMatch(/outside|root:/);
        const out = await sftp.request(open('/led', FXF.WRITE | FXF.TRUNC));
        if (out.kind === 'HANDLE') await sftp.request(close(out.handle));
      }
      await outsideIsUntouched();
      await end();
    });
  });

  it('a directory that turns into a link to the outside and back is never followed there', async () => {
    await mkdir(path.join(root, 'race'), { recursive: true });
    await writeFile(path.join(root, 'race', 'file'), 'what stands inside');
    await symlink(path.join(place, 'outside'), path.join(root, 'race.link'));
    const flipper = await startFlipper(path.join(root, 'race'), path.join(root, 'race.link'));
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    try {
      await attacked.survives(
        async () => {
          const clients = await Promise.all([connect(), connect(), connect()]);
          await Promise.all(
            clients.map(async ({ sftp, end }, own) => {
              for (let n = 0; n < 250; n++) {
                const content = await contentOf(sftp, '/race/file');
                expect(content).not.toContain('outside');
                count(content === '' ? 'refused' : 'read');
                const info = await sftp.request(stat('/race/file'));
                if (info.kind === 'ATTRS') expect(info.attrs.size).not.toBe(BigInt(SECRET.length));
                const made = await sftp.request(open(`/race/new-${own}`, FXF.WRITE | FXF.CREAT));
                if (made.kind === 'HANDLE') {
                  await sftp.request(write(made.handle, 0, 'x'));
                  await sftp.request(close(made.handle));
                  count('written');
                }
                const listing = await sftp.request(opendir('/race'));
                if (listing.kind === 'HANDLE') {
                  await sftp.request(readNames(listing.handle));
                  await sftp.request(close(listing.handle));
                }
              }
              await end();
            }),
          );
        },
        { lines: 60 },
      );
    } finally {
      await flipper.stop();
    }
    await outsideIsUntouched();
    // both sides of the race were met
    expect(seen.get('read')).toBeGreaterThan(0);
    expect(seen.get('refused')).toBeGreaterThan(0);
  }, 60_000);
});
