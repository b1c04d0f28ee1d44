import { type ClientState, findProgram } from '../client-tools.js';

/** The programs that a store is made of: Debian's ceph-mon, ceph-osd and radosgw, with what they bring along. */
const PROGRAMS = [
  'ceph-mon',
  'ceph-osd',
  'radosgw',
  'radosgw-admin',
  'monmaptool',
  'ceph',
  // Of util-linux: ends what it starts when the tests die.
  'setpriv',
] as const;

/** Whether a Ceph RADOS Gateway can be started. */
export function findCeph(): ClientState {
  const missing = PROGRAMS.map((name) => findProgram(name)).find((state) => !state.usable);
  return missing ?? { usable: true, program: 'radosgw' };
}
