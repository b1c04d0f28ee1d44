import { describe, expect, it } from '@jest/globals';

import { PacketType, StatusCode } from '../protocol/constants.js';
import type { PacketWriter } from '../protocol/packet-writer.js';
import { fileOf, openChannel, request, statRequest } from './spec-support/channel.js';

const FILE = { type: 'regular', size: 0 } as const;
const DIRECTORY = { type: 'directory', size: 0 } as const;

describe('maxPathBytes and maxNameBytes', () => {
  const limits = { maxPathBytes: 40, maxNameBytes: 20 };
  const NAME = 'n'.repeat(20);
  /** Forty bytes in names of eighteen. */
  const PATH = `/${'p'.repeat(18)}/${'p'.repeat(18)}/.`;
  const everything = {
    fileInfo: () => DIRECTORY,
    linkInfo: () => FILE,
    openFile: () => fileOf({}),
    listDir: () => [],
    makeDir: () => undefined,
    delDir: () => undefined,
    delete: () => undefined,
    rename: () => undefined,
    setAttributes: () => undefined,
    setLinkAttributes: () => undefined,
    symlink: () => undefined,
    readLink: () => 'target',
    hardLink: () => undefined,
    copy: () => undefined,
    statVfs: () => ({
      blockSize: 1,
      totalBlocks: 1,
      freeBlocks: 1,
      availableBlocks: 1,
      totalFiles: 1,
      freeFiles: 1,
    }),
  };
  const extended =
    (name: string, write: (w: PacketWriter, path: string) => unknown) =>
    (id: number, path: string): Buffer =>
      request(PacketType.EXTENDED, id, (w) => write(w.text(name), path));
  const plain =
    (type: number, write: (w: PacketWriter, path: string) => unknown) =>
    (id: number, path: string): Buffer =>
      request(type, id, (w) => write(w, path));

  it.each([
    ['OPEN', plain(PacketType.OPEN, (w, path) => w.text(path).uint32(1).uint32(0))],
    ['LSTAT', plain(PacketType.LSTAT, (w, path) => w.text(path))],
    ['SETSTAT', plain(PacketType.SETSTAT, (w, path) => w.text(path).uint32(0))],
    ['OPENDIR', plain(PacketType.OPENDIR, (w, path) => w.text(path))],
    ['REMOVE', plain(PacketType.REMOVE, (w, path) => w.text(path))],
    ['MKDIR', plain(PacketType.MKDIR, (w, path) => w.text(path).uint32(0))],
    ['RMDIR', plain(PacketType.RMDIR, (w, path) => w.text(path))],
    ['REALPATH', plain(PacketType.REALPATH, (w, path) => w.text(path))],
    ['STAT', plain(PacketType.STAT, (w, path) => w.text(path))],
    ['RENAME from', plain(PacketType.RENAME, (w, path) => w.text(path).text('/b'))],
    ['RENAME to', plain(PacketType.RENAME, (w, path) => w.text('/a').text(path))],
    ['READLINK', plain(PacketType.READLINK, (w, path) => w.text(path))],
    ['SYMLINK target', plain(PacketType.SYMLINK, (w, path) => w.text(path).text('/l'))],
    ['SYMLINK path', plain(PacketType.SYMLINK, (w, path) => w.text('t').text(path))],
    ['posix-rename from', extended('posix-rename@openssh.com', (w, p) => w.text(p).text('/b'))],
    ['posix-rename to', extended('posix-rename@openssh.com', (w, p) => w.text('/a').text(p))],
    ['statvfs', extended('statvfs@openssh.com', (w, p) => w.text(p))],
    ['hardlink existing', extended('hardlink@openssh.com', (w, p) => w.text(p).text('/b'))],
    ['hardlink new', extended('hardlink@openssh.com', (w, p) => w.text('/a').text(p))],
    ['lsetstat', extended('lsetstat@openssh.com', (w, p) => w.text(p).uint32(0))],
    ['expand-path', extended('expand-path@openssh.com', (w, p) => w.text(p))],
    ['expand-path ~', extended('expand-path@openssh.com', (w, p) => w.text(`~${p.slice(1)}`))],
    ['copy-file from', extended('copy-file', (w, p) => w.text(p).text('/b').bytes(Buffer.of()))],
    ['copy-file to', extended('copy-file', (w, p) => w.text('/a').text(p).bytes(Buffer.of()))],
  ])('%s: exactly the limit passes, one byte more does not', async (what, made) => {
    const prefix = what === 'expand-path ~' ? '//' : '/';
    const path = what === 'expand-path ~' ? `/${PATH.slice(0, -2)}/` : PATH;
    const told: string[] = [];
    const { client, log } = openChannel(everything, {
      limits,
      onRefusal: (reason) => told.push(reason),
    });
    expect(Buffer.byteLength(path)).toBe(40);
    client.send(
      made(1, path),
      made(2, `${prefix}${NAME}`),
      made(3, `${path}/`),
      made(4, `${prefix}${NAME}n`),
      statRequest(5),
    );
    for (const id of [1, 2]) {
      const { type, body } = await client.reply(id);
      if (type === PacketType.STATUS) expect(body.uint32()).toBe(StatusCode.OK);
    }
    expect(await client.status(3)).toEqual({
      code: StatusCode.FAILURE,
      message: 'A path may have 40 bytes, not 41',
    });
    expect(await client.status(4)).toEqual({
      code: StatusCode.FAILURE,
      message: 'A name may have no more than 20 bytes',
    });
    expect((await client.reply(5)).type).toBe(PacketType.ATTRS);
    expect(log.lines.filter((line) => !line.startsWith('debug'))).toEqual([
      'warn A path was refused: A path may have 40 bytes, not 41 (option maxPathBytes)',
      'warn A path was refused: A name may have no more than 20 bytes (option maxNameBytes)',
    ]);
    expect(told).toEqual(['maxPathBytes', 'maxNameBytes']);
  });

  it.each([
    [undefined, 20],
    [255, 20],
    [12, 12],
  ])('a storage that takes names of %s bytes is announced with %i', async (own, told) => {
    const statVfs = (): object => ({ ...everything.statVfs(), maxNameLength: own });
    const { client } = openChannel({ ...everything, statVfs: statVfs as never }, { limits });
    client.send(request(PacketType.EXTENDED, 1, (w) => w.text('statvfs@openssh.com').text('/')));
    const { body } = await client.reply(1);
    const numbers = Array.from({ length: 11 }, () => body.uint64());
    expect(numbers[10]).toBe(told);
  });
});
