import { describe, expect, it } from '@jest/globals';

import { SftpEvents } from '../../events/sftp-events.js';
import { normalizePath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { FileHandle } from '../file-handle.js';
import { backendOf, fileOf, LinesLog } from '../spec-support/channel.js';
import { SftpGates } from './gates.js';
import { SessionHooks } from './session-hooks.js';

const PATH = normalizePath('/f');
const SESSION = {
  id: 's1',
  username: 'ann',
  peer: { address: '192.0.2.1', port: 4000, ident: 'Test_1.0' },
  attributes: {},
};
const FLAGS = {
  read: false,
  write: true,
  append: false,
  create: true,
  truncate: true,
  exclusive: false,
};

describe('an upload whose size cannot be told', () => {
  it('is committed nevertheless, and told with what the client has sent', async () => {
    const told: unknown[] = [];
    const log = new LinesLog();
    const events = new SftpEvents(log);
    events.on('upload.completed', (event) => told.push(event));
    const gates = new SftpGates(log, 1000);
    const tree = { files: backendOf({}), backendAt: () => 'store' };
    const hooks = new SessionHooks(
      SESSION,
      tree,
      { events, gates, uploadDigest: undefined, logUploads: false },
      log,
    );
    const ends: string[] = [];
    const file = fileOf({
      stat: () => {
        throw new SftpError('EIO');
      },
      close: () => void ends.push('close'),
      abort: () => void ends.push('abort'),
    });
    const timeouts = { close: 1000, request: 1000 };
    const handle = new FileHandle(file, FLAGS, hooks.opened(PATH, FLAGS), timeouts);
    await handle.write(Buffer.from('12345'), 0);
    await handle.commit();
    expect(ends).toEqual(['close']);
    expect(told).toEqual([
      expect.objectContaining({
        path: '/f',
        backend: 'store',
        transferId: 's1-1',
        bytes: 5,
        size: 5,
      }),
    ]);
    expect(hooks.transfers).toEqual([]);
  });
});
