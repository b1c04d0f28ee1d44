import type { SftpSession } from '../../session.js';
import { toSftpError } from '../../sftp-error.js';

/** The session of the specs. */
export const SESSION: SftpSession = {
  id: 'spec',
  username: 'spec',
  peer: { address: '192.0.2.1', port: 50022, ident: 'spec' },
  attributes: {},
};

/** How an operation came out: `ok`, or the POSIX code that it failed with, now or later. */
export async function outcomeOf(operation: () => unknown): Promise<string> {
  try {
    await operation();
    return 'ok';
  } catch (error) {
    return toSftpError(error).code;
  }
}

/** A promise that never settles, as of a backend that is gone. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
