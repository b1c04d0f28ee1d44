import { getFile, readAll } from '../../support/raw-files.js';
import { close, open, read, write } from '../../support/raw-requests.js';
import { FXF } from '../../support/raw-wire.js';
import type { Stage } from '../support/stage.js';
import { channelOf } from '../support/stage.js';
import type { Story } from '../support/story.js';

const CONTENT = 'some content';

/** Files that are read. */
export const DOWNLOADS: readonly Story[] = [
  {
    what: 'a file is downloaded',
    happens: async (stage) => {
      await getFile(await ready(stage), '/f');
    },
    events: ['session.opened', 'download.completed /f (12 sent)', 'session.closed'],
  },
  {
    what: 'an empty file is downloaded',
    happens: async (stage) => {
      await stage.ground.probe.put('/empty', Buffer.alloc(0));
      await getFile(await stage.channel(), '/empty');
    },
    events: ['session.opened', 'download.completed /empty (0 sent)', 'session.closed'],
  },
  {
    what: 'a file is read by one READ that asks for more than there is',
    happens: async (stage) => {
      const sftp = await ready(stage);
      const handle = await sftp.handle(open('/f', FXF.READ));
      await sftp.data(read(handle, 0, 100));
      await sftp.ok(close(handle));
    },
    events: ['session.opened', 'download.completed /f (12 sent)', 'session.closed'],
  },
  {
    what: 'a file is read to its last byte, which the client knows, and no further',
    happens: async (stage) => {
      const sftp = await ready(stage);
      const handle = await sftp.handle(open('/f', FXF.READ));
      await sftp.data(read(handle, 0, 6));
      await sftp.data(read(handle, 6, 6));
      await sftp.ok(close(handle));
    },
    events: ['session.opened', 'download.completed /f (12 sent)', 'session.closed'],
  },
  {
    what: 'a part of a file is downloaded',
    happens: async (stage) => {
      const sftp = await ready(stage);
      const handle = await sftp.handle(open('/f', FXF.READ));
      await sftp.data(read(handle, 0, 6));
      await sftp.ok(close(handle));
    },
    events: ['session.opened', 'session.closed'],
  },
  {
    what: 'a file is opened and closed, and not read',
    happens: async (stage) => {
      const sftp = await ready(stage);
      await sftp.ok(close(await sftp.handle(open('/f', FXF.READ))));
    },
    events: ['session.opened', 'session.closed'],
  },
  {
    what: 'a file is read to its end, and the channel closed without a CLOSE',
    happens: async (stage) => {
      const connection = await stage.connect();
      await stage.ground.probe.put('/f', Buffer.from(CONTENT));
      const sftp = await channelOf(connection);
      await readAll(sftp, await sftp.handle(open('/f', FXF.READ)));
      await sftp.destroy();
    },
    events: ['session.opened', 'session.closed'],
  },
  {
    what: 'what is read of a file that is open for writing is no download',
    happens: async (stage) => {
      const sftp = await ready(stage);
      const handle = await sftp.handle(open('/f', FXF.READ | FXF.WRITE));
      await readAll(sftp, handle);
      await sftp.ok(write(handle, 0, 'S'));
      await sftp.ok(close(handle));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (1 sent, 12 stored)',
      'session.closed',
    ],
  },
];

async function ready(stage: Stage): ReturnType<Stage['channel']> {
  await stage.ground.probe.put('/f', Buffer.from(CONTENT));
  return stage.channel();
}
