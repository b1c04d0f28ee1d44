import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import type { ClientChannel } from 'ssh2';

/** Longest wait of a raw test for anything the server must do, in milliseconds. */
export const WAIT_MS = 10_000;

/** Two byte streams and their end: an SSH channel or a child process. */
export interface RawTransport {
  readonly input: Readable;
  readonly output: Writable;
  /** Settles when both directions are closed; the exit status, or `null` when none was sent. */
  readonly closed: Promise<number | null>;
  /** Drops the transport at once. */
  destroy(): void;
}

/** The transport of an SSH channel. */
export function channelTransport(channel: ClientChannel): RawTransport {
  channel.stderr.resume();
  let status: number | null = null;
  channel.on('exit', (code: number | null) => {
    status = code;
  });
  const closed = new Promise<number | null>((resolve) => {
    channel.once('close', () => {
      resolve(status);
    });
  });
  return {
    input: channel,
    output: channel,
    closed,
    destroy: () => {
      channel.close();
    },
  };
}

/** The transport of a child process that speaks SFTP on its standard streams. */
export function childTransport(child: ChildProcessWithoutNullStreams): RawTransport {
  child.stderr.resume();
  const closed = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code);
    });
  });
  return {
    input: child.stdout,
    output: child.stdin,
    closed,
    destroy: () => {
      child.kill('SIGKILL');
    },
  };
}

/**
 * Bounds a wait.
 *
 * @param promise what is waited for
 * @param what names it in the failure
 * @param ms milliseconds
 * @throws Error when the time is over
 */
export async function within<T>(promise: Promise<T>, what: string, ms = WAIT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Waited ${ms} ms for ${what}`));
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
