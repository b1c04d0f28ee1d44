import { ALL } from '../servers/fleet.mjs';
import { REFERENCE } from '../servers/openssh.mjs';
import { LIMITS, TARGETS } from '../targets.mjs';

/**
 * One line of the report: what was measured of one server.
 *
 * @typedef {object} Row
 * @property {string} part
 * @property {string} [id] of the measurement
 * @property {string} what for people
 * @property {string} server
 * @property {string} [against] whose figures the ratio is made with
 * @property {number} value the median of the runs
 * @property {string} unit of `value` and `runs`
 * @property {number[]} [runs]
 * @property {number} [speed]
 * @property {string} [speedUnit]
 * @property {number} [ratio] reference by server, so larger is better; of a share, server by reference
 * @property {number} [target] lowest ratio, or where `limited`, highest ratio or value
 * @property {boolean} [limited]
 * @property {boolean} [met]
 */

/** The middle of the values, or the mean of the two in the middle. @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * What a measurement says of each server.
 *
 * @param {string} part
 * @param {import('../rounds.mjs').Measurement} measured
 * @returns {Row[]}
 */
export function rowsOf(part, measured) {
  const { id, what, kind, unit, work, samples } = measured;
  const reference = kind === 'memory' ? undefined : median(samples.get(REFERENCE));
  const limited = kind !== 'seconds';
  const targets = (limited ? LIMITS : TARGETS)[id] ?? {};
  // Rounds begin with another server each; a report does not.
  const inOrder = [...samples].sort(([a], [b]) => placeOf(a) - placeOf(b));
  return inOrder.map(([server, runs]) => {
    const value = median(runs);
    const ratio = ratioOf(kind, reference, value);
    const target = targets[server];
    const held = ratio ?? value;
    return {
      ...{ part, id, what, server, value, unit, runs },
      ...(work && { speed: work.amount / value, speedUnit: `${work.unit}/s` }),
      ...(ratio !== undefined && { against: REFERENCE, ratio }),
      ...(target !== undefined && { target, met: limited ? held <= target : held >= target }),
      limited,
    };
  });
}

function ratioOf(kind, reference, value) {
  if (kind === 'memory') return undefined;
  return kind === 'seconds' ? reference / value : value / reference;
}

/** @param {string} server */
function placeOf(server) {
  const place = ALL.indexOf(server);
  return place === -1 ? ALL.length : place;
}
