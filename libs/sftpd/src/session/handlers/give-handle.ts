import { SftpError } from '../../filesystem/sftp-error.js';
import { handleReply } from '../../protocol/replies.js';
import type { ChannelContext } from '../channel-context.js';
import type { Handle } from '../handle-table.js';

/**
 * Answers OPEN or OPENDIR with what was opened.
 *
 * @param opened comes to the handle, for which a place has been reserved; the place is given back when it fails
 * @throws SftpError `EIO` when the channel is over by then, and whatever `opened` rejects with
 */
export async function giveHandle(
  context: ChannelContext,
  id: number,
  opened: Promise<Handle>,
): Promise<Buffer> {
  try {
    const handle = await opened;
    if (context.ended.aborted) {
      await (handle.kind === 'file' ? handle.abort() : handle.close());
      throw new SftpError('EIO', 'The channel is closed');
    }
    return handleReply(id, context.handles.add(handle));
  } catch (error) {
    context.handles.release();
    throw error;
  }
}
