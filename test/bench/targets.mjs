/**
 * What is to be reached, by measurement and server. A ratio is the seconds of OpenSSH's sshd with sftp-server by the
 * seconds of the server, in the same run and with the client's log-in in both: larger is better.
 *
 * @type {Record<string, Record<string, number>>}
 */
export const TARGETS = {
  'large/up': { memory: 2.2, folder: 1.8 },
  'large/down': { memory: 1.6, folder: 1.4 },
  'small/up': { memory: 1.8, folder: 1.5 },
  'small/down': { memory: 2.2, folder: 1.6 },
  'listings/few': { memory: 2.0 },
  'listings/many': { memory: 2.0 },
  'log-ins/openssh': { memory: 4.5 },
  'parallel/down': { 'folder, 2 workers': 1.2 },
  'far/50/up': { memory: 3.5 },
  'far/50/down': { memory: 1.0 },
};

/**
 * What is not to be exceeded: the processor's seconds per GiB by those of sshd and its children, in the same run, and
 * memory in KiB and MiB.
 *
 * @type {Record<string, Record<string, number>>}
 */
export const LIMITS = {
  'large/up/cpu': { memory: 0.7, folder: 0.7 },
  'large/down/cpu': { memory: 0.8, folder: 0.8 },
  'idle/session': { memory: 150 },
  'memory/one-transfer': { folder: 64 },
  'memory/parallel-uploads': { folder: 128 },
};

/**
 * What the smoke must reach at least, by the best of several runs on either side: about half of the targets, so that
 * only a gross loss falls below.
 *
 * @type {Record<string, Record<string, number>>}
 */
export const SMOKE_BOUNDS = {
  'large/up': { memory: 1.0, folder: 0.8 },
  'large/down': { memory: 0.8, folder: 0.7 },
  'small/up': { memory: 0.8, folder: 0.7 },
  'small/down': { memory: 0.8, folder: 0.7 },
  'listings/few': { memory: 0.9 },
  'log-ins/openssh': { memory: 2.0 },
};
