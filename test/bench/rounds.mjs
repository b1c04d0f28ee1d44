/**
 * What one server took, in each of its runs.
 *
 * @typedef {object} Measurement
 * @property {string} id `part/what`, by which targets are found
 * @property {string} what for people
 * @property {'seconds' | 'share' | 'memory'} kind seconds, of which fewer than the reference are wanted; a share of what
 *   the reference takes; or memory, for which there is no reference
 * @property {string} unit of the samples
 * @property {{ amount: number, unit: string }} [work] what was done in the seconds of a sample
 * @property {Map<string, number[]>} samples by server
 */

/**
 * @param {Omit<Measurement, 'samples'>} description
 * @returns {Measurement}
 */
export function measurement(description) {
  return { ...description, samples: new Map() };
}

/** @param {Measurement} measured @param {{ name: string }} server @param {number} sample */
export function record({ samples }, { name }, sample) {
  samples.set(name, [...(samples.get(name) ?? []), sample]);
}

/**
 * Alternates between servers, so that what else the machine does falls on all of them: rounds that do not count, as
 * servers live for days and a cold start is not what a user sees, and then those that do. Each round starts with
 * another server.
 *
 * @template {import('./servers/launch.mjs').Server} S
 * @param {object} rounds
 * @param {readonly S[]} rounds.servers
 * @param {number} rounds.runs how many count
 * @param {number} [rounds.warmUps] how many do not
 * @param {string} rounds.what for the progress
 * @param {(line: string) => void} rounds.progress
 * @param {(server: S) => Promise<readonly (readonly [Measurement, number])[]>} work one run with one server
 */
export async function alternate({ servers, runs, warmUps = 1, what, progress }, work) {
  for (let run = 1 - warmUps; run <= runs; run += 1) {
    for (let turn = 0; turn < servers.length; turn += 1) {
      const server = servers[(run + warmUps - 1 + turn) % servers.length];
      progress(`${what}: ${run < 1 ? 'warm-up' : `run ${run} of ${runs}`}, ${server.name}`);
      const samples = await work(server);
      if (run < 1) continue;
      for (const [measured, sample] of samples) record(measured, server, sample);
    }
  }
}

/** Seconds that something takes. @param {() => Promise<unknown>} work */
export async function secondsOf(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
