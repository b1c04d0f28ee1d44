import { ROOT_PATH, type SftpPath } from '../../filesystem/path.js';
import { SftpError, toSftpError } from '../../filesystem/sftp-error.js';
import type { VfsInfo } from '../../filesystem/file-info.js';
import { PacketWriter } from '../../protocol/packet-writer.js';
import { extendedReply } from '../../protocol/replies.js';
import type { ChannelContext } from '../channel-context.js';
import { clientPath } from '../client-path.js';
import { then } from '../time-limit.js';
import { callBackend, type Handler, looksAt, NOTHING } from './prepared.js';

const READ_ONLY_FLAG = 0x1;

/** `statvfs@openssh.com` (OpenSSH PROTOCOL, section 4.4). */
export const statvfs: Handler<'statvfs@openssh.com'> = (context, id, body) => {
  const path = clientPath(body.path, context.limits);
  return {
    claims: looksAt(path),
    run: async () => vfsReply(context, id, await vfsInfo(context, path)),
  };
};

/** `fstatvfs@openssh.com` (OpenSSH PROTOCOL, section 4.4). */
export const fstatvfs: Handler<'fstatvfs@openssh.com'> = (context, id, body) => {
  const handle = context.handles.get(body.handle);
  return {
    claims: looksAt(handle.path),
    async run() {
      try {
        return vfsReply(context, id, await vfsInfo(context, handle.path));
      } catch (error) {
        // The file may have been renamed or removed while it is open; it is still in this storage.
        if (toSftpError(error).code !== 'ENOENT') throw error;
        return vfsReply(context, id, await vfsInfo(context, ROOT_PATH));
      }
    },
  };
};

/** `limits@openssh.com` (OpenSSH PROTOCOL, section 4.8). */
export const limits: Handler<'limits@openssh.com'> = (context, id) => ({
  claims: NOTHING,
  run: () =>
    extendedReply(id, (writer) => {
      writer
        .uint64(Math.min(context.limits.maxPacketBytes, context.quirks.maxPacketLength))
        .uint64(context.maxDataBytes)
        .uint64(context.maxDataBytes)
        .uint64(context.limits.maxHandles);
    }),
});

/** `users-groups-by-id@openssh.com` (OpenSSH PROTOCOL, section 4.11). */
export const usersGroupsById: Handler<'users-groups-by-id@openssh.com'> = (context, id, body) => {
  const { uids, gids } = body;
  return {
    claims: NOTHING,
    run: () =>
      then(
        callBackend(context, 'ownerNames', () => {
          if (!context.backend.ownerNames) throw new SftpError('ENOTSUP');
          return context.backend.ownerNames({ uids, gids }, context.session);
        }),
        ({ users, groups }) =>
          extendedReply(id, (writer) => {
            writer.bytes(packStrings(uids.map((_, index) => users[index] ?? '')));
            writer.bytes(packStrings(gids.map((_, index) => groups[index] ?? '')));
          }),
      ),
  };
};

async function vfsInfo(context: ChannelContext, path: SftpPath): Promise<VfsInfo> {
  return callBackend(context, 'statVfs', () => {
    if (!context.backend.statVfs) throw new SftpError('ENOTSUP');
    return context.backend.statVfs(path, context.session);
  });
}

const SPACE = [
  'blockSize',
  'totalBlocks',
  'freeBlocks',
  'availableBlocks',
  'totalFiles',
  'freeFiles',
] as const satisfies readonly (keyof VfsInfo)[];

/** What file systems take in a name; said for a storage that does not say. */
const USUAL_NAME_BYTES = 255;

function vfsReply({ limits: { maxNameBytes } }: ChannelContext, id: number, info: VfsInfo): Buffer {
  for (const name of SPACE) {
    // A disk that looks full keeps clients from writing at all.
    if (typeof info[name] !== 'number') {
      throw new TypeError(`The backend's statVfs told no ${name}`);
    }
  }
  return extendedReply(id, (writer) => {
    writer
      .uint64(info.blockSize)
      .uint64(info.blockSize)
      .uint64(info.totalBlocks)
      .uint64(info.freeBlocks)
      .uint64(info.availableBlocks)
      .uint64(info.totalFiles)
      .uint64(info.freeFiles)
      .uint64(info.freeFiles)
      .uint64(0)
      .uint64(info.readOnly === true ? READ_ONLY_FLAG : 0)
      .uint64(Math.min(info.maxNameLength ?? USUAL_NAME_BYTES, maxNameBytes));
  });
}

function packStrings(values: readonly string[]): Buffer {
  const writer = new PacketWriter(0);
  const start = writer.length;
  for (const value of values) writer.text(value);
  return writer.finish().subarray(start);
}
