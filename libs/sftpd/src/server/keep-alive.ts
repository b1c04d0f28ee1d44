import type { ServerConfig } from 'ssh2';

/**
 * How ssh2 asks clients that have logged in whether they are still there: by `keepalive@openssh.com`, which every
 * client answers in one way or another. Whatever a client sends counts as an answer.
 *
 * @param interval of silence until the first question, and from one question to the next, in milliseconds
 * @param count of questions in a row that may stay without an answer; after one more interval the client is gone
 */
export function keepAliveSettings(
  interval: number,
  count: number,
): Pick<ServerConfig, 'keepaliveInterval' | 'keepaliveCountMax'> {
  return { keepaliveInterval: interval, keepaliveCountMax: count };
}

/** Whether ssh2 has given a client up because it does not answer. */
export function isKeepAliveTimeout(error: Error): boolean {
  return 'level' in error && error.level === 'client-timeout';
}
