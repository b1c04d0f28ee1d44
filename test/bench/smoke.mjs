import { PARTS } from './parts.mjs';
import { REFERENCE } from './servers/openssh.mjs';
import { SMOKE_BOUNDS } from './targets.mjs';

/** So often a part is measured before what falls short counts as lost. */
const TRIES = 3;

/**
 * Whether ours are not far behind sshd in this very run. The best run of each side counts, and what falls short is
 * measured again, with the runs before: noise makes runs slower, never faster, so it does not fail the smoke.
 *
 * @param {object} bench
 * @returns {Promise<boolean>}
 */
export async function smoke(bench) {
  const { options, say } = bench;
  let lost = [];
  for (const part of options.parts) {
    let samples = new Map();
    for (let tries = 1; tries <= TRIES; tries += 1) {
      for (const measured of await PARTS[part](bench)) samples = gathered(samples, measured);
      const shortfalls = [...verdictsOf(samples)].filter(({ met }) => !met);
      if (shortfalls.length === 0) break;
      if (tries === TRIES) lost = [...lost, ...shortfalls];
      else say(`measured again: ${part}`);
    }
    for (const verdict of verdictsOf(samples)) say(lineOf(verdict));
  }
  say(lost.length === 0 ? 'nothing is lost' : `lost against ${REFERENCE}: ${lost.length}`);
  return lost.length === 0;
}

/** Adds the runs of a measurement to those of the same one before. */
function gathered(before, { id, what, samples }) {
  if (SMOKE_BOUNDS[id] === undefined) return before;
  const known = before.get(id)?.samples ?? new Map();
  const all = [...samples].map(([name, runs]) => [name, [...(known.get(name) ?? []), ...runs]]);
  return new Map([...before, [id, { id, what, samples: new Map(all) }]]);
}

function* verdictsOf(measurements) {
  for (const { id, what, samples } of measurements.values()) {
    const reference = Math.min(...samples.get(REFERENCE));
    for (const [server, bound] of Object.entries(SMOKE_BOUNDS[id])) {
      const ratio = reference / Math.min(...samples.get(server));
      yield { what, server, ratio, bound, met: ratio >= bound };
    }
  }
}

function lineOf({ what, server, ratio, bound, met }) {
  const verdict = met ? 'ok' : 'LOST';
  return `${verdict.padEnd(4)}  ${what}, ${server}: ${ratio.toFixed(2)} of ${REFERENCE}, at least ${bound.toFixed(1)}`;
}
