import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { prefixedLog } from '../../events/prefixed-log.js';
import { SftpEvents } from '../../events/sftp-events.js';
import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import { normalizePath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { nestLog } from '../../nest/nest-log.js';
import { FileHandle } from '../file-handle.js';
import { backendOf, fileOf, LinesLog } from '../spec-support/channel.js';
import { type Gate, SftpGates } from './gates.js';
import { SessionHooks } from './session-hooks.js';
import { UploadLog } from './upload-log.js';

const SESSION = {
  id: 'ab12cd-7',
  username: 'anna',
  peer: { address: '192.0.2.1', port: 4000, ident: 'Test_1.0' },
  attributes: { secret: 'never told' },
};
const NEW: OpenFlags = {
  read: false,
  write: true,
  append: false,
  create: true,
  truncate: true,
  exclusive: false,
};
const IN_PLACE: OpenFlags = { ...NEW, read: true, create: false, truncate: false };

/** What a connection's log has of one file that was opened: durations are left out. */
function openLogged(
  flags: OpenFlags,
  file: Partial<OpenFile> = {},
  logUploads = true,
  acknowledge?: Gate<'upload.acknowledge'>,
): { readonly handle: FileHandle; readonly lines: () => Promise<string[]> } {
  const log = new LinesLog();
  const hooks = {
    events: new SftpEvents(log),
    gates: new SftpGates(log, 1000),
    uploadDigest: undefined,
    logUploads,
  };
  if (acknowledge) hooks.gates.add('upload.acknowledge', acknowledge);
  const tree = { files: backendOf({}), backendAt: () => undefined };
  const session = new SessionHooks(SESSION, tree, hooks, prefixedLog(log, SESSION.id));
  const transfer = session.opened(normalizePath('/a.csv'), flags);
  return {
    handle: new FileHandle(fileOf(file), flags, transfer, { close: 1000, request: 1000 }),
    lines: async () => {
      await session.settled();
      return log.lines.map((line) => line.replace(/\d+ ms/, 'N ms'));
    },
  };
}

/** A file of so many bytes. */
function sized(size: number, asked: () => void = () => undefined): Partial<OpenFile> {
  return {
    stat: () => {
      asked();
      return { type: 'regular', size };
    },
  };
}

describe('the log of uploads', () => {
  it('has one line of an upload that is stored, and does not ask for its size', async () => {
    let asked = 0;
    const { handle, lines } = openLogged(
      NEW,
      sized(10, () => (asked += 1)),
    );
    await handle.write(Buffer.alloc(10), 0);
    await handle.commit();
    expect(await lines()).toEqual([
      'log [ab12cd-7] "anna" has uploaded "/a.csv": 10 bytes in N ms',
    ]);
    expect(asked).toBe(0);
  });

  it('tells how large a file is that was resumed', async () => {
    const { handle, lines } = openLogged({ ...NEW, truncate: false }, sized(30));
    await handle.write(Buffer.alloc(10), 20);
    await handle.commit();
    expect(await lines()).toEqual([
      'log [ab12cd-7] "anna" has uploaded "/a.csv": 10 bytes of a file of 30 in N ms',
    ]);
  });

  it('tells of an empty file that was made', async () => {
    const { handle, lines } = openLogged({ ...NEW, truncate: false });
    await handle.commit();
    expect(await lines()).toEqual(['log [ab12cd-7] "anna" has uploaded "/a.csv": 0 bytes in N ms']);
  });

  it('tells of a file that was opened to be written and left as it was for debugging alone', async () => {
    const { handle, lines } = openLogged(IN_PLACE, sized(30));
    await handle.read(Buffer.alloc(10), 0);
    await handle.commit();
    expect(await lines()).toEqual([
      'debug [ab12cd-7] "anna" has left "/a.csv" as it was: 30 bytes, in N ms',
    ]);
  });

  it('tells of one that was only cut short', async () => {
    const { handle, lines } = openLogged(IN_PLACE, { ...sized(4), setAttributes: () => undefined });
    await handle.setAttributes({ size: 4 }, backendOf({}), SESSION);
    await handle.commit();
    expect(await lines()).toEqual([
      'log [ab12cd-7] "anna" has uploaded "/a.csv": 0 bytes of a file of 4 in N ms',
    ]);
  });

  it('tells of one that was filled inside the storage', async () => {
    const { handle, lines } = openLogged(IN_PLACE, sized(5));
    await handle.write(Buffer.alloc(5), 0, 0);
    await handle.commit();
    expect(await lines()).toEqual([
      'log [ab12cd-7] "anna" has uploaded "/a.csv": 0 bytes of a file of 5 in N ms',
    ]);
  });

  it('tells once why an upload was aborted', async () => {
    const { handle, lines } = openLogged(NEW, {
      close: () => {
        throw new SftpError('ENOSPC', 'No space left on device');
      },
    });
    await handle.write(Buffer.alloc(3), 0);
    await handle.commit().catch(() => undefined);
    await handle.abort();
    expect(await lines()).toEqual([
      'warn [ab12cd-7] The upload of "/a.csv" by "anna" was aborted after 3 bytes and N ms (commit): No space left on device',
    ]);
  });

  it('tells of one that is stored, and of why its client does not know', async () => {
    const { handle, lines } = openLogged(NEW, sized(10), true, () => 'no room in the queue');
    await handle.write(Buffer.alloc(10), 0);
    await expect(handle.commit()).rejects.toThrow('no room in the queue');
    expect(await lines()).toEqual([
      'log [ab12cd-7] "anna" has uploaded "/a.csv": 10 bytes in N ms',
      'warn [ab12cd-7] "anna" was not told that "/a.csv" is stored: no room in the queue',
    ]);
  });

  it('tells of one whose client is gone', async () => {
    const { handle, lines } = openLogged(NEW);
    await handle.abort('disconnected', 'the client has left');
    expect(await lines()).toEqual([
      'warn [ab12cd-7] The upload of "/a.csv" by "anna" was aborted after 0 bytes and N ms (disconnected): the client has left',
    ]);
  });

  it('has nothing of a download', async () => {
    const { handle, lines } = openLogged({ ...IN_PLACE, write: false });
    await handle.read(Buffer.alloc(10), 0);
    await handle.commit();
    expect(await lines()).toEqual([]);
  });

  it('has nothing where it is turned off', async () => {
    const stored = openLogged(NEW, {}, false);
    await stored.handle.commit();
    const aborted = openLogged(NEW, {}, false);
    await aborted.handle.abort('terminated');
    expect([...(await stored.lines()), ...(await aborted.lines())]).toEqual([]);
  });

  it('stays one line of harmless characters, whatever a file and its user are called', () => {
    const lines: string[] = [];
    const logger = new Logger('Test');
    for (const level of ['log', 'warn'] as const) {
      jest.spyOn(logger, level).mockImplementation((line: unknown) => lines.push(String(line)));
    }
    const about = {
      session: { ...SESSION, username: 'an\r\nna' },
      backend: undefined,
      path: normalizePath('/a\n[ab12cd-8] "root" logged in\u009b2J\u202egpj.exe'),
      transferId: 'ab12cd-7-1',
      duration: 12,
    };
    const error = new Error('no\u001b[31m\r\nsuch');
    const log = new UploadLog(nestLog(logger));
    log.completed({ ...about, bytes: 1, size: 1 }, true);
    log.aborted({ ...about, bytes: 1, reason: 'commit', error });
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(lines[0]).toContain('\\n[ab12cd-8]');
  });
});
