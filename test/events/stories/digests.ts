import { seededBytes } from '../../support/fixtures.js';
import { random } from '../../support/raw-random.js';
import { close, copyData, fsetstat, open, write } from '../../support/raw-requests.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { FXF } from '../../support/raw-wire.js';
import type { Stage } from '../support/stage.js';
import type { Story } from '../support/story.js';
import { begin, CREATE, expectStored } from './steps.js';

const PIECE = 16_384;
const CONTENT = seededBytes(20 * PIECE + 77, 1);
const SIZE = CONTENT.length;
const OLD = CONTENT.subarray(0, 7 * PIECE + 5);

/** How a file comes to its content; that the digest is that of what is stored is seen to for every story. */
interface Way {
  readonly what: string;
  readonly over?: Story['over'];
  /** What is there before. */
  readonly old?: Buffer;
  readonly flags: number;
  /** What is done with the open file. */
  readonly fill: (sftp: RawSftpClient, handle: Buffer, stage: Stage) => Promise<void>;
  readonly sent: number;
  readonly stored: Buffer;
}

const WAYS: readonly Way[] = [
  {
    what: 'from its first byte to its last',
    flags: CREATE,
    fill: (sftp, handle) => send(sftp, handle, piecesFrom(0)),
    sent: SIZE,
    stored: CONTENT,
  },
  {
    what: 'from its first byte to its last, many requests at once',
    flags: CREATE,
    fill: async (sftp, handle) => {
      await sftp.pipeline(piecesFrom(0).map((at) => write(handle, at, pieceAt(at))));
    },
    sent: SIZE,
    stored: CONTENT,
  },
  {
    what: 'from its last byte to its first',
    flags: CREATE,
    fill: (sftp, handle) => send(sftp, handle, piecesFrom(0).reverse()),
    sent: SIZE,
    stored: CONTENT,
  },
  {
    what: 'in any order',
    flags: CREATE,
    fill: (sftp, handle) => send(sftp, handle, shuffled(piecesFrom(0), 3)),
    sent: SIZE,
    stored: CONTENT,
  },
  {
    what: 'over an older, longer file',
    old: Buffer.alloc(SIZE * 2, 1),
    flags: CREATE,
    fill: (sftp, handle) => send(sftp, handle, piecesFrom(0)),
    sent: SIZE,
    stored: CONTENT,
  },
  {
    what: 'resumed',
    old: OLD,
    flags: FXF.WRITE | FXF.CREAT,
    fill: (sftp, handle) => send(sftp, handle, piecesFrom(OLD.length)),
    sent: SIZE - OLD.length,
    stored: CONTENT,
  },
  {
    what: 'resumed in any order',
    old: OLD,
    flags: FXF.WRITE | FXF.CREAT,
    fill: (sftp, handle) => send(sftp, handle, shuffled(piecesFrom(OLD.length), 4)),
    sent: SIZE - OLD.length,
    stored: CONTENT,
  },
  {
    what: 'appended',
    old: OLD,
    flags: FXF.WRITE | FXF.APPEND,
    fill: async (sftp, handle) => {
      for (const at of piecesFrom(OLD.length)) await sftp.ok(write(handle, 0, pieceAt(at)));
    },
    sent: SIZE - OLD.length,
    stored: CONTENT,
  },
  {
    what: 'with other bytes in its middle',
    old: CONTENT,
    flags: FXF.READ | FXF.WRITE,
    fill: (sftp, handle) => sftp.ok(write(handle, 1000, 'other bytes')),
    sent: 11,
    stored: Buffer.concat([
      CONTENT.subarray(0, 1000),
      Buffer.from('other bytes'),
      CONTENT.subarray(1011),
    ]),
  },
  {
    what: 'with bytes that were sent twice',
    over: ({ rewrites }) => rewrites,
    flags: CREATE,
    fill: async (sftp, handle) => {
      await sftp.ok(write(handle, 0, 'aaaaaaaa'));
      await sftp.ok(write(handle, 2, 'bb'));
      await sftp.ok(write(handle, 8, 'cc'));
    },
    sent: 12,
    stored: Buffer.from('aabbaaaacc'),
  },
  {
    what: 'with a gap',
    flags: CREATE,
    fill: async (sftp, handle) => {
      await sftp.ok(write(handle, 0, 'begin'));
      await sftp.ok(write(handle, 50_000, 'end'));
    },
    sent: 8,
    stored: Buffer.concat([Buffer.from('begin'), Buffer.alloc(49_995), Buffer.from('end')]),
  },
  {
    what: 'shortened',
    over: ({ rewrites }) => rewrites,
    flags: CREATE,
    fill: async (sftp, handle) => {
      await send(sftp, handle, piecesFrom(0));
      await sftp.ok(fsetstat(handle, { size: 20_000n }));
    },
    sent: SIZE,
    stored: CONTENT.subarray(0, 20_000),
  },
  {
    what: 'lengthened',
    flags: CREATE,
    fill: async (sftp, handle) => {
      await sftp.ok(write(handle, 0, 'begin'));
      await sftp.ok(fsetstat(handle, { size: 20_000n }));
    },
    sent: 5,
    stored: Buffer.concat([Buffer.from('begin'), Buffer.alloc(19_995)]),
  },
  {
    what: 'as a copy of another file (copy-data)',
    flags: CREATE,
    fill: async (sftp, handle, stage) => {
      await stage.ground.probe.put('/source', CONTENT);
      const source = await sftp.handle(open('/source', FXF.READ));
      await sftp.ok(copyData(source, 0, 0, handle, 0));
    },
    sent: 0,
    stored: CONTENT,
  },
  {
    what: 'as none',
    flags: CREATE,
    fill: () => Promise.resolve(),
    sent: 0,
    stored: Buffer.alloc(0),
  },
  {
    what: 'as it was, since nothing is written',
    old: OLD,
    flags: FXF.READ | FXF.WRITE,
    fill: () => Promise.resolve(),
    sent: 0,
    stored: OLD,
  },
];

/** Digests of uploads. */
export const DIGESTS: readonly Story[] = [
  ...WAYS.map(({ what, over, old, flags, fill, sent, stored }) => ({
    what: `a file gets its content ${what}`,
    ...(over !== undefined && { over }),
    options: { uploadDigest: 'sha256' },
    happens: async (stage: Stage) => {
      if (old !== undefined) await stage.ground.probe.put('/f', old);
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', flags));
      await fill(sftp, handle, stage);
      await sftp.ok(close(handle));
    },
    events: [
      'session.opened',
      'upload.started /f',
      `upload.completed /f (${sent} sent, ${stored.length} stored)`,
      'session.closed',
    ],
    then: (stage: Stage) => expectStored(stage, '/f', stored),
  })),
  {
    what: 'an upload that is cut off needs no digest',
    options: { uploadDigest: 'sha256' },
    happens: async (stage) => {
      const sftp = await stage.channel();
      await begin(sftp, '/f', 'part');
      await sftp.destroy();
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (disconnected, 4 sent)',
      'session.closed',
    ],
  },
];

async function send(
  sftp: RawSftpClient,
  handle: Buffer,
  offsets: readonly number[],
): Promise<void> {
  for (const at of offsets) await sftp.ok(write(handle, at, pieceAt(at)));
}

function piecesFrom(start: number): number[] {
  const offsets: number[] = [];
  for (let at = start; at < SIZE; at += PIECE) offsets.push(at);
  return offsets;
}

function pieceAt(offset: number): Buffer {
  return CONTENT.subarray(offset, offset + PIECE);
}

function shuffled(offsets: readonly number[], seed: number): number[] {
  const { below } = random(seed);
  const left = [...offsets];
  return offsets.flatMap(() => left.splice(below(left.length), 1));
}
