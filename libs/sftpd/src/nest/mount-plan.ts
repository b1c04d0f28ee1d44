import type { SftpBackend } from '../filesystem/backend.js';
import type { SftpPath } from '../filesystem/path.js';
import { className, contractProblem } from './backend-contract.js';

/** A backend that is to stand at a path, or to have a name. */
export interface BackendClaim<Place extends string> {
  readonly place: Place;
  /** The backend, or the name of one. */
  readonly backend: unknown;
  /** Who claims it, for messages: an option, or a class and its module. */
  readonly by: string;
  /** Whether the class claims it by its decorator. */
  readonly decorated: boolean;
}

/** What is claimed of a server's tree and names, before anything of it is checked. */
export interface BackendClaims {
  readonly names: readonly BackendClaim<string>[];
  readonly mounts: readonly BackendClaim<SftpPath>[];
}

/** The backends of a server. */
export interface MountPlan {
  readonly names: ReadonlyMap<string, SftpBackend>;
  readonly mounts: ReadonlyMap<SftpPath, SftpBackend>;
}

/** A plan, which is only good without problems. */
export interface PlanOutcome {
  readonly plan: MountPlan;
  /** One sentence each, which names the class and the fix. */
  readonly problems: readonly string[];
}

/** Brings claims together: each name and each path has one backend, and each backend meets the contract. */
export function planMounts(claims: BackendClaims): PlanOutcome {
  const problems = new Set<string>();
  const names = new Map<string, SftpBackend>();
  const mounts = new Map<SftpPath, SftpBackend>();

  for (const [name, claimants] of byPlace(claims.names)) {
    const backend = agreed(`name "${name}"`, claimants, problems);
    if (backend !== undefined) names.set(name, backend);
  }
  for (const [path, claimants] of byPlace(claims.mounts)) {
    const resolved = claimants.flatMap((claim) => {
      if (typeof claim.backend !== 'string') return [claim];
      const backend = names.get(claim.backend);
      if (backend !== undefined) return [{ ...claim, backend }];
      const claimed = claims.names.some(({ place }) => place === claim.backend);
      if (!claimed) problems.add(unknownName(claim.by, claim.backend, claims.names));
      return [];
    });
    const backend = agreed(`mount "${path}"`, resolved, problems);
    if (backend !== undefined) mounts.set(path, backend);
  }
  return { plan: { names, mounts }, problems: [...problems] };
}

function byPlace<Place extends string>(
  claims: readonly BackendClaim<Place>[],
): Map<Place, BackendClaim<Place>[]> {
  const places = new Map<Place, BackendClaim<Place>[]>();
  for (const claim of claims) {
    const others = places.get(claim.place) ?? [];
    // The same backend claimed twice for the same place is said twice, not contested.
    if (!others.some(({ backend }) => backend === claim.backend)) {
      places.set(claim.place, [...others, claim]);
    }
  }
  return places;
}

function agreed(
  place: string,
  claimants: readonly BackendClaim<string>[],
  problems: Set<string>,
): SftpBackend | undefined {
  const distinct = claimants.filter(
    ({ backend }, index) => claimants.findIndex((other) => other.backend === backend) === index,
  );
  const [only] = distinct;
  if (only === undefined) return undefined;
  for (const { backend, by } of distinct) {
    const problem = contractProblem(backend);
    if (problem !== undefined) problems.add(`${by}: ${problem}`);
  }
  if (distinct.length > 1) {
    problems.add(
      `${place}: is claimed by ${distinct.map(claimant).join(' and by ')}. Keep one of them there` +
        (distinct.some(({ decorated }) => decorated)
          ? '; a server with discover: false takes no decorated backend into its tree by itself'
          : ''),
    );
    return undefined;
  }
  return only.backend as SftpBackend;
}

function claimant({ by, backend, decorated }: BackendClaim<string>): string {
  return decorated ? `${by} (@SftpBackend)` : `the option ${by} (${className(backend)})`;
}

/** The problem of a name that no backend has. */
export function unknownName(
  by: string,
  name: string,
  known: readonly { readonly place: string }[],
): string {
  const names = [...new Set(known.map(({ place }) => JSON.stringify(place)))];
  return (
    `${by}: there is no SftpBackend named ${JSON.stringify(name)}. ` +
    `${names.length > 0 ? `Known are ${names.join(', ')}` : 'No backend has a name'}; decorate one with ` +
    `@SftpBackend({ name: '...' }) or give it in the option backends`
  );
}
