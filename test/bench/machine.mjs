import { cpus, loadavg, release, totalmem } from 'node:os';
import { openSshVersion } from './servers/openssh.mjs';

const GIB = 1024 ** 3;

/**
 * What the figures depend on besides the servers.
 *
 * @param {ReturnType<typeof import('./options.mjs').readOptions>} options
 * @param {import('./workplace.mjs').Workplace} workplace
 */
export function machine(options, workplace) {
  return {
    date: new Date().toISOString().slice(0, 10),
    processors: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGib: Math.round(totalmem() / GIB),
    kernel: release(),
    node: process.version,
    client: openSshVersion(),
    loadBefore: loadavg()[0],
    inMemory: workplace.inMemory,
    runs: options.runs,
    cipher: options.ciphers[0],
  };
}

/** The same for people. @param {ReturnType<typeof machine>} description */
export function machineLines(description) {
  const { client, node, processors, model, memoryGib, kernel, cipher, runs } = description;
  return [
    `client and reference: ${client}; Node ${node}`,
    `${processors} processors (${model}), ${memoryGib} GiB, Linux ${kernel}`,
    `${cipher} where nothing else is said, median of ${runs} alternating runs, loopback`,
    `load average before: ${description.loadBefore.toFixed(1)} (what others do here distorts the ratios)`,
    description.inMemory
      ? 'all files lie in memory (tmpfs): no disk is measured'
      : 'all files lie on disk, as tmpfs is too small: the disk is part of what is measured',
  ];
}
