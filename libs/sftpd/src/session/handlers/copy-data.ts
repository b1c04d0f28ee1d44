import { setImmediate } from 'node:timers/promises';

import { SftpError } from '../../filesystem/sftp-error.js';
import { StatusCode } from '../../protocol/constants.js';
import { statusReply } from '../../protocol/replies.js';
import type { ChannelContext } from '../channel-context.js';
import type { FileHandle } from '../file-handle.js';
import type { Claim } from '../request-order.js';
import type { Handler } from './prepared.js';

const BLOCK_BYTES = 256 * 1024;

interface CopyRange {
  readonly source: FileHandle;
  readonly sourceOffset: number;
  /** Bytes; `Infinity` means up to the end of the source. */
  readonly length: number;
  readonly target: FileHandle;
  readonly targetOffset: number;
}

/**
 * `copy-data` (draft-ietf-secsh-filexfer-extensions-00, section 7): copies between two open files on the
 * server. As with OpenSSH, source and target may not be one file, and a source that ends before the length
 * asked for is answered EOF.
 */
export const copyData: Handler<'copy-data'> = (context, id, body) => {
  const source = context.handles.getFile(body.source);
  const target = context.handles.getFile(body.target);
  if (source.path === target.path) {
    throw new SftpError('EINVAL', 'Source and target of a copy are the same file');
  }
  if (!source.flags.read) throw new SftpError('EBADF', 'The source is not open for reading');
  if (!target.flags.write) throw new SftpError('EBADF', 'The target is not open for writing');
  const length = body.length === 0 ? Infinity : body.length;
  const claims: Claim[] = [...source.claims.read, ...target.claims.change];
  return {
    claims,
    async run() {
      const copied = await copy(context, { ...body, source, target, length }).catch(
        (error: unknown) => {
          throw target.spoil(error);
        },
      );
      const short = length !== Infinity && copied < length;
      return statusReply(id, short ? StatusCode.EOF : StatusCode.OK);
    },
  };
};

/** Copies inside the storage what is a whole file, where the storage can do that, and block by block the rest. */
async function copy(context: ChannelContext, range: CopyRange): Promise<number> {
  const { source, length, target } = range;
  if (target.takesCopies && (await isWholeFile(range)) && (await target.copyFrom(source))) {
    return length;
  }
  return copyRange(context, range);
}

async function isWholeFile(range: CopyRange): Promise<boolean> {
  const { source, sourceOffset, length, targetOffset } = range;
  if (sourceOffset !== 0 || targetOffset !== 0) return false;
  return length === Infinity || (await source.stat()).size === length;
}

async function copyRange(context: ChannelContext, range: CopyRange): Promise<number> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let copied = 0;
  while (copied < range.length) {
    // Between two files that never wait nothing else would run, and nobody could give the copy up.
    await setImmediate();
    if (context.abandoned.aborted) throw new SftpError('EIO', 'The client is gone');
    const wanted = block.subarray(0, Math.min(block.length, range.length - copied));
    const count = await range.source.read(wanted, range.sourceOffset + copied);
    if (count === 0) break;
    await range.target.write(wanted.subarray(0, count), range.targetOffset + copied, 0);
    copied += count;
  }
  return copied;
}
