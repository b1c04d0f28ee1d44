import type { OwnerIds, OwnerNames, SftpBackend } from '../backend.js';
import type { SftpSession } from '../session.js';
import { valueInTime } from './value-in-time.js';

/**
 * The names that several backends have for owners and groups: for each id the first that is not empty. A backend that
 * fails or takes longer than `milliseconds` is left out.
 */
export async function mergedOwnerNames(
  backends: readonly SftpBackend[],
  ids: OwnerIds,
  session: SftpSession,
  milliseconds: number,
): Promise<OwnerNames> {
  const answers = await Promise.all(
    backends.map((backend) => valueInTime(() => backend.ownerNames?.(ids, session), milliseconds)),
  );
  const firstName = (of: keyof OwnerNames, index: number): string => {
    for (const answer of answers) {
      const name = answer?.[of][index];
      if (name !== undefined && name !== '') return name;
    }
    return '';
  };
  return {
    users: ids.uids.map((_, index) => firstName('users', index)),
    groups: ids.gids.map((_, index) => firstName('groups', index)),
  };
}
