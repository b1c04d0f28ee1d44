const MICROSECONDS = 1e6;

/** What the profiler itself does, to begin and to end, is no time of the gateway's. */
const OWN = /\/start-profiler\.mjs$/;

/** What V8 calls the time in which no function of JavaScript runs. */
const IDLE = '(idle)';
const COLLECTING = '(garbage collector)';

/**
 * Where the time of a CPU profile went, in seconds.
 *
 * @param {{ nodes: object[], samples: number[], timeDeltas: number[] }} profile as the inspector gives it
 * @returns {{ busy: number, idle: number, collecting: number,
 *   functions: { name: string, place: string, self: number }[] }} functions by the time in themselves, the most first
 */
export function digestOf({ nodes, samples, timeDeltas, error }) {
  if (error !== undefined) throw new Error(`The profiler failed: ${error}`);
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const own = descendantsOf(nodes, ({ callFrame }) => OWN.test(callFrame.url));
  /** @type {Map<string, { name: string, place: string, self: number }>} */
  const functions = new Map();
  for (const [index, id] of samples.entries()) {
    if (own.has(id)) continue;
    const { functionName, url, lineNumber } = frames.get(id);
    const name = functionName || '(anonymous)';
    const place = url === '' ? '' : `${shortened(url)}:${lineNumber + 1}`;
    const entry = functions.get(`${name} ${place}`) ?? { name, place, self: 0 };
    entry.self += timeDeltas[index] / MICROSECONDS;
    functions.set(`${name} ${place}`, entry);
  }
  const sorted = [...functions.values()].sort((a, b) => b.self - a.self);
  const selfOf = (wanted) => sorted.find(({ name }) => name === wanted)?.self ?? 0;
  const total = sorted.reduce((sum, { self }) => sum + self, 0);
  return {
    busy: total - selfOf(IDLE),
    idle: selfOf(IDLE),
    collecting: selfOf(COLLECTING),
    functions: sorted.filter(({ name }) => name !== IDLE && name !== COLLECTING),
  };
}

/** From the package on. @param {string} url */
function shortened(url) {
  return url.replace(/^.*\/(node_modules|dist)\//, '');
}

/** The ids of some nodes, and of all that was called from them. */
function descendantsOf(nodes, isRoot) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Set(nodes.filter(isRoot).map(({ id }) => id));
  // A set goes on with what is added on the way.
  for (const id of found) for (const child of byId.get(id).children ?? []) found.add(child);
  return found;
}
