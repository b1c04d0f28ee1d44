import type { Random } from './raw-random.js';
import * as requests from './raw-requests.js';
import { FXP, frame, type RawAttrs } from './raw-wire.js';

const NUMBERS = [0, 1, 2, 3, 4, 0xff, 0x100, 0x7fff, 0x10000, 0x3fc00, 0x7fffffff, 0x80000000];
const LARGE = [0xfffffffe, 0xffffffff];
const NAMES = ['a', 'b', 'c', 'd/e', '.', '..', '', '../../x', 'ü', 'n'.repeat(255)];

/** What the packets of a fuzz run may name. */
export interface FuzzScope {
  /** Directory that they work in. */
  readonly dir: string;
  /** Open handles of files and directories. */
  readonly handles: readonly Buffer[];
}

/** A well-formed request of a random kind with random fields. */
export function anyRequest(rng: Random, { dir, handles }: FuzzScope): requests.RawRequest {
  const path = (): string => `${dir}/${rng.pick(NAMES)}`;
  const handle = (): Buffer => rng.pick([...handles, Buffer.alloc(4), Buffer.alloc(0)]);
  const offset = (): bigint => BigInt(rng.below(20) === 0 ? rng.pick(LARGE) : rng.below(100_000));
  const attrs = (): RawAttrs => ({
    ...(rng.below(4) === 0 && { size: BigInt(rng.below(100_000)) }),
    ...(rng.below(4) === 0 && { permissions: rng.below(0o10000) | 0o700 }),
    ...(rng.below(4) === 0 && { atime: rng.below(0xffffffff), mtime: rng.below(0xffffffff) }),
    ...(rng.below(8) === 0 && { extended: [['name', 'value']] as const }),
  });
  const make: readonly (() => requests.RawRequest)[] = [
    () => requests.open(path(), rng.below(64), attrs()),
    () => requests.close(handle()),
    () => requests.read(handle(), offset(), rng.pick(NUMBERS)),
    () => requests.write(handle(), offset(), rng.bytes(rng.below(300))),
    () => requests.lstat(path()),
    () => requests.fstat(handle()),
    () => requests.setstat(path(), attrs()),
    () => requests.fsetstat(handle(), attrs()),
    () => requests.opendir(path()),
    () => requests.readdir(handle()),
    () => requests.remove(path()),
    () => requests.mkdir(path(), attrs()),
    () => requests.rmdir(path()),
    () => requests.realpath(path()),
    () => requests.stat(path()),
    () => requests.rename(path(), path()),
    () => requests.readlink(path()),
    () => requests.symlink(rng.pick(NAMES), path()),
    () => requests.posixRename(path(), path()),
    () => requests.hardlink(path(), path()),
    () => requests.statvfs(path()),
    () => requests.fstatvfs(handle()),
    () => requests.fsync(handle()),
    () => requests.lsetstat(path(), attrs()),
    () => requests.limits(),
    () => requests.expandPath(rng.pick(['~', '~dev', '~x/y', ...NAMES])),
    () => requests.homeDirectory(rng.pick(['dev', '', 'x'])),
    () => requests.usersGroupsById([rng.below(10)], [rng.below(10), 0xffffffff]),
    () => requests.copyData(handle(), offset(), rng.below(10_000), handle(), offset()),
    () => requests.copyFile(path(), path(), rng.below(2) === 0),
    () => requests.request(rng.below(256), rng.bytes(rng.below(40))),
    () => requests.extended(rng.pick(['statvfs', 'limits@openssh.com ', '']), (b) => b.u32(1)),
  ];
  return rng.pick(make)();
}

/**
 * The bytes of a request after zero to a few changes: bits, lengths, cuts, insertions.
 *
 * @param bytes a framed packet
 */
export function mutate(rng: Random, bytes: Buffer): Buffer {
  const kind = rng.below(20);
  if (kind < 5) return bytes;
  const payload = Buffer.from(bytes.subarray(4));
  if (kind < 10) return frame(flip(rng, payload));
  if (kind < 13) return frame(plant(rng, payload));
  if (kind < 16) return frame(payload.subarray(0, cutLength(rng, payload)));
  if (kind < 18) return frame(insert(rng, payload));
  if (kind < 19) return frame(Buffer.concat([Buffer.of(rng.below(256)), payload.subarray(1)]));
  // framing itself: what follows is read at the wrong place
  return rng.below(12) === 0 ? plant(rng, bytes) : frame(rng.bytes(1 + rng.below(60)));
}

/** Mostly behind the id: a packet without one ends its channel and with it the run on it. */
function cutLength(rng: Random, payload: Buffer): number {
  const least = rng.below(30) === 0 ? 1 : 5;
  return Math.min(payload.length, least + rng.below(payload.length));
}

function flip(rng: Random, bytes: Buffer): Buffer {
  for (let n = 1 + rng.below(4); n > 0; n--) bytes[rng.below(bytes.length)] = rng.below(256);
  // a second INIT ends the channel, which the rest of the run should not wait for
  if (bytes[0] === FXP.INIT) bytes[0] = FXP.STAT;
  return bytes;
}

function plant(rng: Random, bytes: Buffer): Buffer {
  if (bytes.length < 4) return bytes;
  const changed = Buffer.from(bytes);
  changed.writeUInt32BE(rng.pick([...NUMBERS, ...LARGE]), rng.below(bytes.length - 3));
  return changed;
}

function insert(rng: Random, bytes: Buffer): Buffer {
  const at = rng.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), rng.bytes(1 + rng.below(9)), bytes.subarray(at)]);
}
