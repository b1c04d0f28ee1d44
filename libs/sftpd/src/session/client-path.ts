import { normalizePath, ROOT_PATH, type SftpPath } from '../filesystem/path.js';
import type { PathLimits } from './channel-limits.js';
import { LimitError } from './limit-error.js';

/** Where a session starts: what relative paths, and `~`, begin from. */
export const HOME_PATH = ROOT_PATH;

/**
 * The canonical path of what a client wrote; the only place where one is made from the wire.
 *
 * @throws LimitError as {@link assertPathFits}, SftpError `EINVAL` for a NUL character
 */
export function clientPath(text: string, limits: PathLimits): SftpPath {
  assertPathFits(text, limits);
  return normalizePath(text, HOME_PATH);
}

/**
 * Checks the lengths of a path, or of a symbolic link's target, as the client has written it: a name that `..`
 * takes away again counts too.
 *
 * @throws LimitError `ENAMETOOLONG`
 */
export function assertPathFits(text: string, { maxPathBytes, maxNameBytes }: PathLimits): void {
  const length = Buffer.byteLength(text);
  if (length > maxPathBytes) {
    const message = `A path may have ${maxPathBytes} bytes, not ${length}`;
    throw new LimitError('ENAMETOOLONG', message, 'maxPathBytes', `A path was refused: ${message}`);
  }
  if (length <= maxNameBytes) return;
  for (const name of text.split('/')) {
    if (Buffer.byteLength(name) > maxNameBytes) {
      const message = `A name may have no more than ${maxNameBytes} bytes`;
      throw new LimitError(
        'ENAMETOOLONG',
        message,
        'maxNameBytes',
        `A path was refused: ${message}`,
      );
    }
  }
}
