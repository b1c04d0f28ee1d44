import type { Log } from '../events/log.js';
import { quoted } from '../events/printable.js';
import type { UploadAbortReason } from '../events/storage-events.js';
import type { FileHandle } from './file-handle.js';
import type { Handle } from './handle-table.js';

/** Why a channel is over. */
export interface ChannelEnd {
  readonly how: UploadAbortReason;
  readonly reason: string;
}

/**
 * Ends what a channel has left open: its uploads are aborted. Never rejects.
 *
 * @param end why the channel is over, for the events and for the log
 */
export async function letGo(handles: readonly Handle[], end: ChannelEnd, log: Log): Promise<void> {
  await Promise.all(
    handles.map((handle) => (handle.kind === 'file' ? abort(handle, end, log) : handle.close())),
  );
}

async function abort(handle: FileHandle, { how, reason }: ChannelEnd, log: Log): Promise<void> {
  const failure = await handle.abort(how, reason);
  if (failure) {
    log.error(`${quoted(handle.path)} could not be let go: ${failure.message}`, failure.stack);
  }
}
