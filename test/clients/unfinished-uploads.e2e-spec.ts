import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { BackendProbe } from '../support/backend-probe.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { seededBytes, sha256, writeSeeded } from '../support/fixtures.js';
import { LEVELS, levelBackend, type Level } from '../support/level-backends.js';
import { asOptions, SftpBatch, sshSettings } from '../support/openssh-client.js';
import { close, open, realpath, write } from '../support/raw-requests.js';
import { startRawServer } from '../support/raw-server.js';
import { isolatedEnvironment } from '../support/run-program.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { startTcpRelay, type TcpRelay } from '../support/tcp-relay.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { startBackendServer } from '../support/test-server.js';
import { within } from '../support/raw-transport.js';
import { FXF } from '../support/raw-wire.js';

jest.setTimeout(60_000);

const MIB = 1024 * 1024;
const FOUR_GIB = 4096 * MIB;
const sftp = findProgram('sftp');

/** A server over one level, and what it leaves behind in the directory of its temporary files. */
interface LevelUnderTest {
  readonly storage: MemoryBackend;
  readonly uploads: (number | 'finished' | 'aborted')[];
  readonly temporary: TempDir;
  readonly target: SftpTarget;
}

let running: LevelUnderTest | undefined;
let relay: TcpRelay | undefined;

async function start(level: Level): Promise<LevelUnderTest> {
  const storage = new MemoryBackend();
  const uploads: LevelUnderTest['uploads'] = [];
  const backend = levelBackend(level, storage, (what) => uploads.push(what));
  const temporary = await makeTempDir();
  const openFiles = { temporaryDirectory: temporary.path };
  const target = await startBackendServer(backend, new BackendProbe(storage), { openFiles });
  running = { storage, uploads, temporary, target };
  return running;
}

/** Temporary files that this process has: those with a name, and those that only it can reach. */
async function temporaryFiles({ path }: TempDir): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const open = await Promise.all(
    descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')),
  );
  return [...(await readdir(path)), ...open.filter((file) => file.startsWith(path))];
}

beforeEach(() => {
  running = undefined;
  relay = undefined;
});

afterEach(async () => {
  await relay?.stop();
  await running?.target.stop();
  await running?.temporary.remove();
});

whereUsable('OpenSSH sftp that is killed', [sftp], (reasonToSkip) => {
  const describeOrSkip = reasonToSkip === undefined ? describe : describe.skip;

  describeOrSkip.each(LEVELS)('an upload through a %s backend', (level) => {
    it.each([
      ['with its connection', (child: ChildProcess) => process.kill(-child.pid!, 'SIGKILL')],
      ['before its ssh', (child: ChildProcess) => child.kill('SIGKILL')],
    ])('leaves the old file, and nothing else, when sftp is killed %s', async (_how, kill) => {
      const { target, uploads, temporary } = await start(level);
      await mkdir(join(target.home, 'work'));
      await writeSeeded(join(target.home, 'work/new'), 20 * MIB, 1);
      const old = seededBytes(100_000, 2);
      await target.storage.put('/file', old);
      relay = await startTcpRelay(target.port, 5 * MIB);

      const settings = [`HostKeyAlias=[${target.host}]:${target.port}`, ...sshSettings(target)];
      const child = spawn(
        programOf(sftp),
        [
          ...[...asOptions([`Port=${relay.port}`, ...settings]), '-b', '-'],
          `${target.username}@${target.host}`,
        ],
        {
          cwd: join(target.home, 'work'),
          env: isolatedEnvironment(target.home),
          detached: true,
          stdio: ['pipe', 'ignore', 'ignore'],
        },
      );
      const ended = once(child, 'close');
      child.stdin.end('put new /file\nput new /other\n');
      await within(relay.reached, '5 MiB of an upload', 30_000);
      expect(await target.storage.names('/')).toEqual(['file']);
      if (level === 'whole-file-only') expect(await temporaryFiles(temporary)).toHaveLength(1);
      kill(child);
      relay.resume();
      await ended;
      // Its end waits for what is under way, so that nothing can come after it.
      await target.stop();

      expect(await target.storage.names('/')).toEqual(['file']);
      expect(await target.storage.sha256('/file')).toBe(sha256(old));
      expect(uploads).not.toContain('finished');
      if (level === 'streaming-only') {
        expect(uploads.filter((what) => what === 'aborted')).toEqual(['aborted']);
        expect(uploads.at(-1)).toBe('aborted');
      }
      expect(await temporaryFiles(temporary)).toEqual([]);
    });
  });

  describeOrSkip('4 GiB through a whole-file backend', () => {
    it('are refused to sftp by their limit: soon, with nothing kept and no memory used', async () => {
      const { target, uploads, temporary } = await start('whole-file-only');
      const local = await makeTempDir();
      await writeFile(join(local.path, 'huge'), '');
      await truncate(join(local.path, 'huge'), FOUR_GIB);
      await writeFile(join(local.path, 'small'), 'still served');
      const before = process.memoryUsage.rss();
      let peak = before;
      const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10);

      const batch = new SftpBatch(programOf(sftp), target);
      const { stderr, elapsed } = await batch.ok(['-put huge /huge', 'put small /small'], {
        cwd: local.path,
      });
      clearInterval(watch);
      await local.remove();

      expect(stderr).toMatch(/huge.*(67108864|failure)/i);
      expect(elapsed).toBeLessThan(20_000);
      expect(peak - before).toBeLessThan(300 * MIB);
      expect(await target.storage.names('/')).toEqual(['small']);
      expect(await target.storage.sha256('/small')).toBe(sha256(Buffer.from('still served')));
      expect(uploads).toEqual([12, 'finished']);
      expect(await temporaryFiles(temporary)).toEqual([]);
    });
  });
});

describe('a WRITE at 4 GiB through a whole-file backend', () => {
  it('is refused, and the channel goes on', async () => {
    const storage = new MemoryBackend();
    const server = await startRawServer({ backend: levelBackend('whole-file-only', storage) });
    const connection = await server.connect();
    const channel = await connection.channel();
    await channel.init();

    const handle = await channel.handle(open('/huge', FXF.WRITE | FXF.CREAT | FXF.TRUNC));
    const reply = await channel.request(write(handle, FOUR_GIB, 'x'));
    expect(reply).toMatchObject({
      kind: 'STATUS',
      status: 'FAILURE',
      message: expect.stringContaining('67108864'),
    });
    await channel.names(realpath('.'));
    expect(await channel.status(close(handle))).toBe('FAILURE');
    expect(await new BackendProbe(storage).names('/')).toEqual([]);
    const next = await channel.handle(open('/small', FXF.WRITE | FXF.CREAT));
    await channel.ok(write(next, 0, 'x'));
    await channel.ok(close(next));
    expect(await new BackendProbe(storage).names('/')).toEqual(['small']);

    await connection.end();
    await server.stop();
  });
});
