import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Which process it is, as far as others on the machine can find out. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** The running system and the namespace in which the pid means something; empty where that cannot be told. */
  readonly place: string;
  /** When the process was started, in the system's own terms; empty where that cannot be told. */
  readonly started: string;
}

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return {
    host: hostname(),
    pid: process.pid,
    place: await placeOfPids(),
    started: (await startOf(process.pid)) ?? '',
  };
}

/**
 * Whether a process lives.
 *
 * @param own this process, which looks
 * @returns `undefined` when it cannot be seen from here: it runs, or ran, on another machine or in another container
 */
export async function lives(
  other: ProcessIdentity,
  own: ProcessIdentity,
): Promise<boolean | undefined> {
  if (own.place === '' || other.place !== own.place || other.host !== own.host) return undefined;
  // The system gives a number again, but not with the same start.
  return (await startOf(other.pid)) === other.started;
}

/** Linux only: elsewhere nothing is known. */
async function placeOfPids(): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses, which may hold anything; the start is the 22nd.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie does nothing any more.
    return state === 'Z' || state === 'X' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
