import { access, constants } from 'node:fs/promises';
import path from 'node:path';

import type { Log } from '../events/log.js';
import { errorCode } from '../server/error-code.js';
import { hostKeysIn } from '../server/host-keys.js';
import { hostKeyError, offeredOf } from './serving-host-keys.js';
import type { ServeSettings } from './settings.js';

/**
 * Looks at the host keys, and makes none.
 *
 * @returns what there is, or that it will be made
 * @throws CliError `host-keys`
 */
export async function hostKeysCheck(
  { hostKeys: directory, algorithms }: Pick<ServeSettings, 'hostKeys' | 'algorithms'>,
  log: Log,
): Promise<string> {
  try {
    const place = await nearestDirectory(path.resolve(directory));
    const keys = place === path.resolve(directory) ? await hostKeysIn(directory, log) : [];
    if (keys.length === 0) {
      await access(place, constants.W_OK | constants.X_OK);
      return `will be made in ${directory}`;
    }
    const offered = offeredOf(keys, algorithms);
    return offered.map(({ type, fingerprint }) => `${type} ${fingerprint}`).join(', ');
  } catch (error) {
    throw hostKeyError(error);
  }
}

/** The directory itself, or where the first missing one of its path would be made. */
async function nearestDirectory(directory: string): Promise<string> {
  try {
    await access(directory, constants.F_OK);
    return directory;
  } catch (error) {
    const parent = path.dirname(directory);
    if (errorCode(error) !== 'ENOENT' || parent === directory) throw error;
    return nearestDirectory(parent);
  }
}
