import type { Log } from '../events/log.js';
import type { FileHandle } from './file-handle.js';
import type { Handle } from './handle-table.js';

/**
 * Ends what a channel has left open: its uploads are aborted, each with a line in the log. Never rejects.
 *
 * @param reason why the channel is over, for the log
 */
export async function letGo(handles: readonly Handle[], reason: string, log: Log): Promise<void> {
  await Promise.all(
    handles.map((handle) => (handle.kind === 'file' ? abort(handle, reason, log) : handle.close())),
  );
}

async function abort(handle: FileHandle, reason: string, log: Log): Promise<void> {
  const failure = await handle.abort();
  const path = JSON.stringify(handle.path);
  if (handle.flags.write) log.warn(`The upload of ${path} is aborted: ${reason}`);
  if (failure) log.error(`${path} could not be let go: ${failure.message}`, failure.stack);
}
